import type { Provider, ProviderInput } from '../../server/access/providers-contract.ts';

/** A provider as its form holds it: the fields of every kind side by side. */
export interface ProviderDraft {
  readonly kind: Provider['kind'];
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Empty: the one there is stays. */
  readonly secret: string;
  readonly entityId: string;
  readonly signInUrl: string;
  /** Parted by empty lines where they are not PEM. */
  readonly certificates: string;
  readonly defaultRole: Provider['defaultRole'];
  readonly admits: boolean;
  readonly enabled: boolean;
}

export const blankDraft: ProviderDraft = {
  kind: 'oidc',
  name: '',
  issuer: '',
  clientId: '',
  secret: '',
  entityId: '',
  signInUrl: '',
  certificates: '',
  defaultRole: 'auditor',
  admits: false,
  enabled: true,
};

export function draftOf({ kind, name, settings, defaultRole, admits, enabled }: Provider): ProviderDraft {
  return {
    ...blankDraft,
    ...settings,
    kind,
    name,
    defaultRole,
    admits,
    enabled,
    certificates: 'certificates' in settings ? settings.certificates.join('\n\n') : '',
  };
}

export function inputOf(draft: ProviderDraft): ProviderInput {
  const { name, defaultRole, admits, enabled } = draft;
  const shared = { name: name.trim(), defaultRole, admits, enabled };
  const secret = draft.secret === '' ? {} : { secret: draft.secret };
  const clientId = draft.clientId.trim();
  switch (draft.kind) {
    case 'oidc':
      return { kind: 'oidc', ...shared, ...secret, settings: { issuer: draft.issuer.trim(), clientId } };
    case 'google':
      return { kind: 'google', ...shared, ...secret, settings: { clientId } };
    case 'saml':
      return {
        kind: 'saml',
        ...shared,
        settings: {
          entityId: draft.entityId.trim(),
          signInUrl: draft.signInUrl.trim(),
          certificates: certificatesIn(draft.certificates),
        },
      };
  }
}

/** Certificates as they were pasted: PEM blocks, else Base64 parted by empty lines. */
function certificatesIn(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (blocks !== null) return blocks;
  return text
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter((block) => block !== '');
}
