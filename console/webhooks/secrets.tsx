import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  endSecret,
  rotateSecret,
  type Subscription,
  type WebhookSecret,
} from '../../server/webhooks/subscriptions-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { ShownOnce } from '../frame/shown-once.tsx';
import { Day, Instant } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { webhooksWords } from './words.ts';

/** How deliveries are signed, and the rotation that no receiver has to notice. */
export function Secrets({ subscription, mayChange }: { subscription: Subscription; mayChange: boolean }) {
  const words = useWords(webhooksWords).secret;
  const client = useQueryClient();
  const [made, setMade] = useState<string>();
  const scheme = subscription.secrets[0]?.scheme ?? 'hmac-sha256';
  return (
    <section className="part">
      <h2>{words.title}</h2>
      {made === undefined ? null : (
        <ShownOnce
          title={words.shown}
          text={words.shownText(subscription.name)}
          secret={made}
          label={words.label}
          done={words.kept}
          onKept={() => setMade(undefined)}
        />
      )}
      <ul className="lines">
        {subscription.secrets.map((secret) => (
          <li key={secret.id}>
            <Secret secret={secret} />
            {mayChange && secret.expiresAt !== null ? <End subscription={subscription.id} secret={secret.id} /> : null}
          </li>
        ))}
      </ul>
      {mayChange ? (
        <p className="row-of-acts">
          <ActDialog
            button={words.rotate}
            title={words.rotateTitle}
            text={<p>{words.rotateText}</p>}
            confirm={words.rotateConfirm}
            pending={words.rotating}
            onConfirm={async () => {
              const { secret } = await call(rotateSecret, {
                params: { subscription: subscription.id },
                body: { scheme },
              });
              setMade(secret ?? undefined);
              await client.invalidateQueries({ queryKey: ['webhooks', 'subscriptions'] });
            }}
          />
        </p>
      ) : null}
    </section>
  );
}

function Secret({ secret }: { secret: WebhookSecret }) {
  const words = useWords(webhooksWords).secret;
  return (
    <span>
      {secret.publicKey === null ? (
        words.ends(secret.lastFour ?? '')
      ) : (
        <>
          {words.publicKey} <code>{secret.publicKey}</code>
        </>
      )}
      <span className="beneath">
        {words.made} <Day at={secret.createdAt} />,{' '}
        {secret.expiresAt === null ? (
          words.stays
        ) : (
          <>
            {words.until} <Instant at={secret.expiresAt} />
          </>
        )}
      </span>
    </span>
  );
}

function End({ subscription, secret }: { subscription: string; secret: string }) {
  const words = useWords(webhooksWords).secret;
  const client = useQueryClient();
  return (
    <ActDialog
      button={words.end}
      title={words.endTitle}
      text={<p>{words.endText}</p>}
      confirm={words.endConfirm}
      pending={words.endConfirm}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(endSecret, { params: { subscription, secret } });
        await client.invalidateQueries({ queryKey: ['webhooks', 'subscriptions'] });
      }}
    />
  );
}
