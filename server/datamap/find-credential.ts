import { findOrganisation, isFirstOrganisation } from '../access/list-organisations.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';

export type FoundCredential =
  | { readonly value: string }
  /** `remedy`: the place to write it to, as a sentence. */
  | { readonly value: null; readonly remedy: string };

/**
 * The credential an organisation means by a name: what stands under its own short name in the secrets file. The
 * environment and the rest of the file belong to the organisation made first, so that the owner of another one cannot
 * reach that one's systems by naming its credentials.
 */
export async function findCredential(
  platform: Platform,
  organisationId: OrganisationId,
  name: string,
): Promise<FoundCredential> {
  const organisation = await findOrganisation(platform, organisationId);
  if (organisation === undefined) throw new Error(`there is no organisation ${organisationId}`);
  const { slug } = organisation;
  const first = await isFirstOrganisation(platform, organisationId);
  const value = platform.config.secret(name, { slug, first });
  if (value !== undefined) return { value };
  const own = `“${name}” under “${slug}” in the secrets file`;
  return { value: null, remedy: first ? `Set ${variableOf(name)} in the environment, or ${own}.` : `Set ${own}.` };
}

function variableOf(credential: string): string {
  return `KEPT_SECRET_${credential.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}
