import { AndFilter, EqualityFilter, ExtensibleFilter, type Filter, OrFilter, PresenceFilter } from 'ldapts'

/**
 * A search filter as data. Values are sent as bytes of their own, never as part of a filter text (RFC 4515), so that
 * nothing somebody typed can turn into a wildcard or another condition.
 */
export type LdapFilter =
  | { readonly kind: 'equals'; readonly attribute: string; readonly value: string | Buffer }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'rule'; readonly attribute: string; readonly rule: string; readonly value: string }
  | { readonly kind: 'and' | 'or'; readonly of: readonly LdapFilter[] }

/** The attribute has this value; whether case matters is the attribute's own rule. */
export function equals(attribute: string, value: string | Buffer): LdapFilter {
  return { kind: 'equals', attribute, value }
}

/** The attribute has any value that we may see. */
export function present(attribute: string): LdapFilter {
  return { kind: 'present', attribute }
}

/** The value matches by a named rule of the server. */
export function byRule(attribute: string, rule: string, value: string): LdapFilter {
  return { kind: 'rule', attribute, rule, value }
}

/** All conditions hold. */
export function and(...of: readonly LdapFilter[]): LdapFilter {
  return { kind: 'and', of }
}

/** At least one condition holds. */
export function or(...of: readonly LdapFilter[]): LdapFilter {
  return { kind: 'or', of }
}

/** The filter in the library's words. */
export function toLibraryFilter(filter: LdapFilter): Filter {
  switch (filter.kind) {
    case 'equals':
      return new EqualityFilter({ attribute: filter.attribute, value: filter.value })
    case 'present':
      return new PresenceFilter({ attribute: filter.attribute })
    case 'rule':
      return new ExtensibleFilter({ matchType: filter.attribute, rule: filter.rule, value: filter.value })
    case 'and':
      return new AndFilter({ filters: filter.of.map(toLibraryFilter) })
    case 'or':
      return new OrFilter({ filters: filter.of.map(toLibraryFilter) })
  }
}
