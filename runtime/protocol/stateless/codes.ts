/** The codes of errors that only this era has (BASE-40). */
export const StatelessCode = {
  HeaderMismatch: -32020,
  MissingCapability: -32021,
  UnsupportedVersion: -32022,
} as const;
