// No address is longer (RFC 5321), and no user principal name.
const longestValue = 256

/**
 * A value as an OData literal; undefined for what nothing can be called. A quote is doubled, nothing else has a meaning
 * there. Pure.
 */
export function literal(value: string): string | undefined {
  if (value === '' || value.length > longestValue || /\p{Cc}/u.test(value) || !value.isWellFormed())
    return undefined
  return `'${value.replaceAll("'", "''")}'`
}

/** The filters that find people by an address: by what administrators give, and by what people may set themselves. Pure. */
export function addressFilters(address: string): readonly string[] {
  const mail = literal(address)
  const alias = literal(`smtp:${address}`)
  if (mail === undefined || alias === undefined) return []
  return [
    `mail eq ${mail}`,
    `userPrincipalName eq ${mail}`,
    `proxyAddresses/any(p:p eq ${alias})`,
    `otherMails/any(m:m eq ${mail})`,
  ]
}

/** The filter for the name that the on-premises directory knows, and for the number of the personnel system. Pure. */
export function nameFilters(
  name: string,
): readonly { readonly filter: string; readonly advanced: boolean }[] {
  const value = literal(name)
  if (value === undefined) return []
  return [
    // Filtering by it is an advanced query.
    { filter: `onPremisesSamAccountName eq ${value}`, advanced: true },
    { filter: `employeeId eq ${value}`, advanced: false },
  ]
}
