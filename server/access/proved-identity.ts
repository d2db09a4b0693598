/** What an identity provider says of who has just signed in there, after every check of the protocol. */
export interface ProvedIdentity {
  /** Who it is to this provider, for good. */
  readonly subject: string;
  readonly email: string | null;
  /** Whether the provider says that mail to the address reaches this person. */
  readonly isEmailVerified: boolean;
  readonly name: string | null;
}
