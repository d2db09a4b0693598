import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { beginPasskey, type Session, signInWithPasskey } from '../../server/access/contract.ts';
import { beginPasskeyRegistration, registerPasskey } from '../../server/access/own-contract.ts';
import { call, ProblemError } from '../api.ts';

/** What a challenge or its answer looks like on its way; the server's library reads and checks it. */
type OnItsWay = (typeof signInWithPasskey.body)['_input']['response'];

/**
 * Asks the browser for a passkey and shows it to the server: signs in, or freshens the session there is.
 * @throws ProblemError `passkey-refused` where the person or the browser broke it off
 */
export async function showPasskey(): Promise<Session> {
  const options: unknown = await call(beginPasskey);
  const answer = await asked(() => startAuthentication({ optionsJSON: requestOf(options) }));
  return call(signInWithPasskey, { body: { response: answer } });
}

/**
 * Has the browser make a passkey and registers it.
 * @returns recovery codes, where it is the first second factor
 * @throws ProblemError `passkey-refused` where the person or the browser broke it off
 */
export async function addPasskey(name: string): Promise<readonly string[]> {
  const options: unknown = await call(beginPasskeyRegistration);
  const response = await asked(() => startRegistration({ optionsJSON: creationOf(options) }));
  return (await call(registerPasskey, { body: { name, response } })).recoveryCodes;
}

async function asked(ask: () => Promise<object>): Promise<OnItsWay> {
  try {
    return JSON.parse(JSON.stringify(await ask()));
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new ProblemError({ code: 'passkey-refused', status: 400, title: 'No passkey was shown', detail }, { cause });
  }
}

function requestOf(options: unknown): PublicKeyCredentialRequestOptionsJSON {
  if (isRequest(options)) return options;
  throw unexpected;
}

function creationOf(options: unknown): PublicKeyCredentialCreationOptionsJSON {
  if (isCreation(options)) return options;
  throw unexpected;
}

const unexpected = new ProblemError({ code: 'unexpected-answer', status: 500, title: 'The challenge is incomplete' });

function isRequest(options: unknown): options is PublicKeyCredentialRequestOptionsJSON {
  return typeof options === 'object' && options !== null && 'challenge' in options;
}

function isCreation(options: unknown): options is PublicKeyCredentialCreationOptionsJSON {
  return isRequest(options) && 'rp' in options && 'user' in options && 'pubKeyCredParams' in options;
}
