import { board } from './board-command.ts';
import { check, format } from './check-commands.ts';
import type { Command } from './command.ts';
import { ends } from './ends-command.ts';
import { event } from './event-command.ts';
import { listHolds, placeHold, releaseHold } from './hold-commands.ts';
import { init } from './init-command.ts';
import { listKeys, makeKey, revokeKey } from './key-commands.ts';
import { ledgerStatus } from './ledger-command.ts';
import { link } from './link-command.ts';
import { listOrganisations, makeOrganisation } from './organisation-commands.ts';
import { owner } from './owner-command.ts';
import { approve, plan } from './plan-commands.ts';
import { publishMap, publishPolicy } from './publish-commands.ts';
import { receipt, verify } from './receipt-commands.ts';
import { resetFactors } from './reset-command.ts';
import { release, restart, run, stop } from './run-commands.ts';
import { rotateSealing, sealingStatus } from './sealing-commands.ts';
import { serve } from './serve-command.ts';

/** Every command, in the order of the overview: begin, write, dispose, prove, let in. */
export const commands: readonly Command[] = [
  serve,
  link,
  init,
  check,
  format,
  publishPolicy,
  publishMap,
  board,
  plan,
  approve,
  run,
  release,
  stop,
  restart,
  placeHold,
  releaseHold,
  listHolds,
  ends,
  event,
  receipt,
  verify,
  ledgerStatus,
  makeOrganisation,
  listOrganisations,
  owner,
  resetFactors,
  makeKey,
  listKeys,
  revokeKey,
  sealingStatus,
  rotateSealing,
];
