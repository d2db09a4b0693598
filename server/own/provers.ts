import type { Access } from '../access/open-access.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { type Prover, type Provers, unproven } from '../policy/prover.ts';
import { reason } from '../policy/reasons.ts';
import { type Rule, serverMeasures } from '../policy/rule.ts';
import { proveActs } from './prove-acts.ts';
import { proveDeletion } from './prove-deletion.ts';
import { proveDpoChannel } from './prove-dpo-channel.ts';
import { proveMailPurposes, proveOptOuts } from './prove-mail.ts';
import { proveSealedSecrets } from './prove-sealed.ts';
import {
  type Proved,
  proveEncryptedInTransit,
  proveLeastPrivilege,
  proveSecondFactor,
  proveSignInLimits,
} from './prove-server.ts';
import { proveSessionCookies } from './prove-session-cookies.ts';
import { proveSignedWebhooks } from './prove-webhooks.ts';

/** Proves what is promised of Kept itself, for the server's own organisation and no other. */
export function registerOwnProvers(provers: Provers, access: Access): void {
  provers.registerProver({
    name: 'own',
    proves: isOfTheServer,
    async prove(platform, organisationId, { rule }, at) {
      // The one measure of the server that any organisation may promise, of its own mailboxes.
      if (rule.verb === 'protect' && rule.measure === 'dpo-channel')
        return proveDpoChannel(platform, organisationId === access.ownOrganisationId ? 'server' : organisationId);
      if (organisationId !== access.ownOrganisationId) return unproven(reason('servers-own'));
      return prove(platform, organisationId, access, rule, at);
    },
  } satisfies Prover);
}

function isOfTheServer(rule: Rule): boolean {
  if (rule.verb === 'protect') return serverMeasures.has(rule.measure);
  if (rule.verb === 'record') return rule.each === 'act';
  return rule.verb === 'erase' && rule.on === 'account-deleted';
}

async function prove(
  platform: Platform,
  organisationId: OrganisationId,
  access: Access,
  rule: Rule,
  at: Date,
): Promise<Proved> {
  if (rule.verb === 'record') return proveActs(platform, organisationId, rule, at);
  if (rule.verb === 'erase') return proveDeletion(platform, rule, at);
  if (rule.verb === 'protect') {
    switch (rule.measure) {
      case 'second-factor':
        return proveSecondFactor(platform, rule, at);
      case 'least-privilege':
        return proveLeastPrivilege(platform);
      case 'sign-in-limits':
        return proveSignInLimits(access.limits);
      case 'encrypted-in-transit':
        return proveEncryptedInTransit(platform);
      case 'session-cookies':
        return proveSessionCookies(platform, access.listening);
      case 'sealed-secrets':
        return proveSealedSecrets(platform);
      case 'opt-outs-honoured':
        return proveOptOuts(platform);
      case 'signed-webhooks':
        return proveSignedWebhooks(platform, at);
      case 'mail-purposes':
        return proveMailPurposes(platform);
      default:
        break;
    }
  }
  throw new Error(`nothing of Kept itself proves ${rule.verb}`);
}
