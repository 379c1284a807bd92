import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'

const Names = z.record(z.string(), z.string()).default({})
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      optionalDependencies: Names,
    }),
  ),
})
const { packages } = Lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))

const Wanted = z.object({ dependencies: Names, devDependencies: Names, optionalDependencies: Names })
const wanted = Wanted.parse(JSON.parse(readFileSync('package.json', 'utf8')))

test('the lock file names no registry, so that everybody installs from their own', () => {
  expect(Object.keys(packages).filter((key) => packages[key]?.resolved !== undefined)).toEqual([])
})

test('the lock file has the packages of all platforms, also of those that this machine is not', () => {
  const missing = Object.entries(packages).flatMap(([key, { optionalDependencies }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        packages[`node_modules/${name}`] === undefined &&
        packages[`${key}/node_modules/${name}`] === undefined,
    ),
  )
  expect(missing).toEqual([])
})

test('every dependency is pinned to the version that is locked', () => {
  const all = { ...wanted.dependencies, ...wanted.devDependencies, ...wanted.optionalDependencies }
  const loose = Object.entries(all).filter(
    ([name, version]) => packages[`node_modules/${name}`]?.version !== version,
  )
  expect(loose).toEqual([])
})
