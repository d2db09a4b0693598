import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  addEndpointSecret,
  type Endpoint,
  removeEndpointSecret,
  renewVerifyToken,
} from '../../server/webhooks/endpoints-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Problem } from '../frame/problem.tsx';
import { Instant } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { inboundWords } from './inbound-words.ts';
import { type EndpointSecrets, MadeSecrets } from './made-secrets.tsx';

/** The secrets by which a sender is known, and how another takes their place. */
export function EndpointSecretList({ endpoint, mayChange }: { endpoint: Endpoint; mayChange: boolean }) {
  const words = useWords(inboundWords).one;
  const [made, setMade] = useState<EndpointSecrets>();
  return (
    <section className="part">
      <h2>{words.secrets}</h2>
      {made === undefined ? null : <MadeSecrets made={made} onKept={setMade} />}
      <ul className="lines">
        {endpoint.secrets.map((secret) => (
          <li key={secret.id}>
            <span>
              {words.ends(secret.lastFour)}
              <span className="beneath">
                {secret.endsAt === null ? (
                  words.inUse
                ) : (
                  <>
                    {words.until} <Instant at={secret.endsAt} />
                  </>
                )}
              </span>
            </span>
            {mayChange && secret.endsAt !== null ? <End endpoint={endpoint.id} secret={secret.id} /> : null}
          </li>
        ))}
      </ul>
      {mayChange ? <Another endpoint={endpoint} onMade={setMade} /> : null}
    </section>
  );
}

function End({ endpoint, secret }: { endpoint: string; secret: string }) {
  const words = useWords(inboundWords).one;
  const client = useQueryClient();
  return (
    <ActDialog
      button={words.endNow}
      title={words.endTitle}
      text={<p>{words.endText}</p>}
      confirm={words.endConfirm}
      pending={words.endConfirm}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(removeEndpointSecret, { params: { endpoint, endpointSecret: secret } });
        await client.invalidateQueries({ queryKey: ['webhooks', 'endpoints'] });
      }}
    />
  );
}

function Another({ endpoint, onMade }: { endpoint: Endpoint; onMade: (made: EndpointSecrets | undefined) => void }) {
  const words = useWords(inboundWords).one;
  const { pending } = useWords(inboundWords).make;
  const client = useQueryClient();
  const [secret, setSecret] = useState('');
  const { id, name, url } = endpoint;
  const adding = useMutation({
    mutationFn: () =>
      call(addEndpointSecret, {
        params: { endpoint: id },
        body: { secret: secret.trim() === '' ? null : secret.trim() },
      }),
    onSuccess: async (made) => {
      setSecret('');
      onMade(made.secret === null ? undefined : { name, url, secret: made.secret, verifyToken: null });
      await client.invalidateQueries({ queryKey: ['webhooks', 'endpoints'] });
    },
  });
  const renewing = useMutation({
    mutationFn: () => call(renewVerifyToken, { params: { endpoint: id } }),
    onSuccess: ({ verifyToken }) => onMade({ name, url, secret: null, verifyToken }),
  });
  const error = adding.error ?? renewing.error;
  return (
    <form
      className="form another-secret"
      onSubmit={(event) => {
        event.preventDefault();
        if (!adding.isPending) adding.mutate();
      }}
    >
      <Field label={words.another} hint={words.anotherHint}>
        {(fieldId, hintId) => (
          <input
            id={fieldId}
            aria-describedby={hintId}
            className="input mono"
            maxLength={500}
            autoComplete="off"
            spellCheck={false}
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
          />
        )}
      </Field>
      {error === null ? null : <Problem error={error} />}
      <p className="row-of-acts">
        <button type="submit" className="button" disabled={adding.isPending}>
          {adding.isPending ? pending : words.anotherAct}
        </button>
        {endpoint.scheme.kind === 'meta' ? (
          <button type="button" className="button" disabled={renewing.isPending} onClick={() => renewing.mutate()}>
            {words.renew}
          </button>
        ) : null}
      </p>
    </form>
  );
}
