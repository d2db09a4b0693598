import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type OwnAccount, removePasskey, removeTotp, renewRecoveryCodes } from '../../server/access/own-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Day, Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { accountWords } from './account-words.ts';
import { EnrolApp, EnrolPasskey } from './enrol-factor.tsx';
import { factorWords } from './factor-words.ts';
import { RecoveryCodes } from './recovery-codes.tsx';

/** Authenticator app, passkeys and recovery codes. */
export function OwnFactors({ account }: { account: OwnAccount }) {
  const words = useWords(accountWords).factors;
  const enrol = useWords(factorWords);
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const refresh = () => client.invalidateQueries({ queryKey: ['access'] });
  const enrolled = (given: readonly string[]) => {
    setCodes(given);
    void refresh();
  };
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <p className="explains">{words.text}</p>
      {codes.length > 0 ? (
        <>
          <h3>{enrol.codes.title}</h3>
          <RecoveryCodes codes={codes} onKept={() => setCodes([])} />
        </>
      ) : (
        <>
          <App account={account} onEnrolled={enrolled} onRemoved={refresh} />
          <Passkeys account={account} onEnrolled={enrolled} onRemoved={refresh} />
          <Recovery left={account.recoveryCodesLeft} hasFactor={hasFactor(account)} onRenewed={enrolled} />
        </>
      )}
    </section>
  );
}

function hasFactor(account: OwnAccount): boolean {
  return account.totpSince !== null || account.passkeys.length > 0;
}

interface Part {
  readonly account: OwnAccount;
  readonly onEnrolled: (codes: readonly string[]) => void;
  readonly onRemoved: () => Promise<unknown>;
}

function App({ account, onEnrolled, onRemoved }: Part) {
  const words = useWords(accountWords).factors;
  const { enrol } = useWords(factorWords);
  const { totpSince } = account;
  return (
    <section className="factor-choice">
      <h3>{enrol.app}</h3>
      <p className="faint">
        {totpSince === null ? (
          words.noApp
        ) : (
          <>
            {words.appSince} <Day at={totpSince} />.
          </>
        )}
      </p>
      {/* One that is in use stays until the new one has shown a code. */}
      <EnrolApp
        key={totpSince}
        label={totpSince === null ? words.addApp : words.replaceApp}
        onEnrolled={onEnrolled}
        beside={
          totpSince === null ? null : (
            <ActDialog
              button={words.removeApp}
              title={words.removeAppTitle}
              text={<p>{words.removeAppText}</p>}
              confirm={words.removeAppConfirm}
              pending={words.removeAppConfirm}
              destroys
              look="careful"
              onConfirm={() => call(removeTotp).then(onRemoved)}
            />
          )
        }
      />
    </section>
  );
}

function Passkeys({ account, onEnrolled, onRemoved }: Part) {
  const words = useWords(accountWords).factors;
  return (
    <section className="factor-choice">
      <h3>{words.passkeys}</h3>
      {account.passkeys.length === 0 ? <p className="faint">{words.noPasskeys}</p> : null}
      <ul className="passkey-list">
        {account.passkeys.map((passkey) => (
          <li key={passkey.id}>
            <span>
              {passkey.name}
              <span className="beneath">
                {words.added} <Day at={passkey.createdAt} />,{' '}
                {passkey.lastUsedAt === null ? (
                  words.unused
                ) : (
                  <>
                    {words.used} <Instant at={passkey.lastUsedAt} />
                  </>
                )}
                , {passkey.isBackedUp ? words.backedUp : words.bound}
              </span>
            </span>
            <ActDialog
              button={words.removePasskey}
              title={words.removePasskeyTitle(passkey.name)}
              text={<p>{words.removePasskeyText}</p>}
              confirm={words.removePasskeyConfirm}
              pending={words.removePasskeyConfirm}
              destroys
              look="careful"
              onConfirm={() => call(removePasskey, { params: { passkey: passkey.id } }).then(onRemoved)}
            />
          </li>
        ))}
      </ul>
      <details>
        <summary>{words.addPasskey}</summary>
        <EnrolPasskey label={words.addPasskey} onEnrolled={onEnrolled} />
      </details>
    </section>
  );
}

function Recovery({
  left,
  hasFactor: has,
  onRenewed,
}: {
  left: number;
  hasFactor: boolean;
  onRenewed: Part['onEnrolled'];
}) {
  const words = useWords(accountWords).factors;
  const format = useFormat();
  return (
    <section className="factor-choice">
      <h3>{words.recovery}</h3>
      <p className={has && left < 3 ? 'due' : 'faint'}>
        {left === 0 && !has ? words.noRecovery : words.recoveryLeft(format.number(left), left)}
      </p>
      {has ? (
        <p className="row-of-acts">
          <ActDialog
            button={words.renew}
            title={words.renewTitle}
            text={<p>{words.renewText}</p>}
            confirm={words.renewConfirm}
            pending={words.renewConfirm}
            destroys
            onConfirm={async () => onRenewed((await call(renewRecoveryCodes)).recoveryCodes)}
          />
        </p>
      ) : null}
    </section>
  );
}
