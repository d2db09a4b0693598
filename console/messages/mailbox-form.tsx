import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { tryMailbox } from '../../server/messages/mailbox-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { mailWords } from './mail-words.ts';
import { type MailboxDraft, serverOf } from './mailbox-draft.ts';

const securities = ['tls', 'starttls', 'none'] as const;
const schemes = ['standard', 'mailgun'] as const;
const usualPorts = { tls: 993, starttls: 143, none: 143 } as const;

interface Part {
  readonly draft: MailboxDraft;
  readonly change: (changed: Partial<MailboxDraft>) => void;
}

/** How a mailbox is read or brought, new or to be changed. */
export function MailboxForm({
  draft,
  mailbox,
  saving,
  onChange,
  onSave,
  children,
}: {
  draft: MailboxDraft;
  /** Absent while it is new. */
  mailbox?: string;
  saving: { readonly isPending: boolean; readonly error: Error | null };
  onChange: (draft: MailboxDraft) => void;
  onSave: () => void;
  children?: ReactNode;
}) {
  const words = useWords(mailWords).mailboxes;
  const change = (changed: Partial<MailboxDraft>) => onChange({ ...draft, ...changed });
  const isNew = mailbox === undefined;
  const [act, pending] = isNew ? [words.act, words.pending] : [words.save, words.saving];
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) onSave();
      }}
    >
      {isNew ? <Kind draft={draft} change={change} /> : null}
      <Text label={words.name} value={draft.name} onChange={(name) => change({ name })} />
      <Text
        label={words.mailAddress}
        hint={words.mailAddressHint}
        type="email"
        value={draft.mailAddress}
        onChange={(mailAddress) => change({ mailAddress })}
      />
      {draft.kind === 'imap' ? (
        <Imap draft={draft} change={change} isNew={isNew} />
      ) : (
        <Provider draft={draft} change={change} isNew={isNew} />
      )}
      <label className="choice">
        <input
          type="checkbox"
          checked={draft.subaddressing}
          onChange={(event) => change({ subaddressing: event.target.checked })}
        />
        {words.subaddressing}
        <span className="hint">{words.subaddressingHint}</span>
      </label>
      {isNew ? null : (
        <label className="choice">
          <input
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => change({ enabled: event.target.checked })}
          />
          {words.enabled}
        </label>
      )}
      {saving.error === null ? null : <Problem error={saving.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button first" disabled={saving.isPending}>
          {saving.isPending ? pending : act}
        </button>
        {children}
      </p>
      {draft.kind === 'imap' ? <Trial draft={draft} mailbox={mailbox} /> : null}
    </form>
  );
}

function Kind({ draft, change }: Part) {
  const words = useWords(mailWords).mailboxes;
  return (
    <fieldset>
      <legend>{words.kind}</legend>
      {(['imap', 'webhook'] as const).map((kind) => (
        <label key={kind} className="choice">
          <input type="radio" name="mailbox-kind" checked={draft.kind === kind} onChange={() => change({ kind })} />
          {words.kinds[kind]}
          <span className="hint">{words.kindTexts[kind]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Imap({ draft, change, isNew }: Part & { isNew: boolean }) {
  const words = useWords(mailWords).mailboxes;
  return (
    <>
      <Text label={words.host} value={draft.host} isCode onChange={(host) => change({ host })} />
      <div className="row-of-acts">
        <Field label={words.security}>
          {(id) => (
            <select
              id={id}
              className="input short"
              value={draft.security}
              onChange={(event) => {
                const security = securities.find((each) => each === event.target.value);
                if (security !== undefined) change({ security, port: usualPorts[security] });
              }}
            >
              {securities.map((security) => (
                <option key={security} value={security}>
                  {words.securities[security]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={words.port}>
          {(id) => (
            <input
              id={id}
              type="number"
              className="input few"
              min={1}
              max={65_535}
              required
              value={draft.port}
              onChange={(event) => change({ port: event.target.valueAsNumber || 0 })}
            />
          )}
        </Field>
      </div>
      <Text label={words.user} value={draft.user} onChange={(user) => change({ user })} />
      <Text
        label={words.password}
        {...(!isNew && { hint: words.passwordHint })}
        type="password"
        required={isNew}
        value={draft.password}
        onChange={(password) => change({ password })}
      />
      <Text label={words.folder} value={draft.folder} onChange={(folder) => change({ folder })} />
    </>
  );
}

function Provider({ draft, change, isNew }: Part & { isNew: boolean }) {
  const words = useWords(mailWords).mailboxes;
  return (
    <>
      <fieldset>
        <legend>{words.scheme}</legend>
        {schemes.map((scheme) => (
          <label key={scheme} className="choice">
            <input
              type="radio"
              name="mailbox-scheme"
              checked={draft.scheme === scheme}
              onChange={() => change({ scheme })}
            />
            {words.schemes[scheme]}
          </label>
        ))}
      </fieldset>
      {draft.scheme === 'mailgun' ? (
        <Text
          label={words.signingKey}
          required={isNew}
          isCode
          value={draft.signingKey}
          onChange={(signingKey) => change({ signingKey })}
        />
      ) : null}
    </>
  );
}

function Trial({ draft, mailbox }: { draft: MailboxDraft; mailbox: string | undefined }) {
  const words = useWords(mailWords).mailboxes;
  const format = useFormat();
  const trying = useMutation({
    mutationFn: () => call(tryMailbox, { body: { ...serverOf(draft), ...(mailbox !== undefined && { mailbox }) } }),
  });
  const tried = trying.data;
  return (
    <>
      <p className="row-of-acts">
        <button
          type="button"
          className="button"
          disabled={trying.isPending || draft.host === '' || draft.user === ''}
          onClick={() => trying.mutate()}
        >
          {trying.isPending ? words.trying : words.try}
        </button>
        <span role="status">
          {tried === undefined
            ? ''
            : tried.error === null
              ? words.tried(format.number(tried.mails ?? 0))
              : words.errors[tried.error]}
        </span>
      </p>
      {trying.error === null ? null : <Problem error={trying.error} />}
    </>
  );
}

function Text({
  label,
  hint,
  value,
  type = 'text',
  required = true,
  isCode = false,
  onChange,
}: {
  label: string;
  hint?: string;
  value: string;
  type?: 'text' | 'email' | 'password';
  required?: boolean;
  isCode?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label} {...(hint !== undefined && { hint })}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          type={type}
          className={isCode ? 'input mono' : 'input'}
          required={required}
          maxLength={254}
          autoComplete={type === 'password' ? 'new-password' : 'off'}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
