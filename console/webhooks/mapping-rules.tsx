import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Endpoint, setRules } from '../../server/webhooks/endpoints-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useWords } from '../language/language.ts';
import { inboundWords } from './inbound-words.ts';
import { blankRule, draftOfRule, exampleRule, type RuleDraft, ruleOf } from './rule-draft.ts';
import { RuleFields } from './rule-fields.tsx';
import { TryRules } from './try-rules.tsx';

/** The rules by which an endpoint's webhooks mean something, and a place to try them before they count. */
export function MappingRules({ endpoint, mayChange }: { endpoint: Endpoint; mayChange: boolean }) {
  const words = useWords(inboundWords).rules;
  const client = useQueryClient();
  // Until somebody types, what was saved elsewhere is what stands here.
  const [edited, setEdited] = useState<readonly RuleDraft[]>();
  const [stored, setStored] = useState({ of: endpoint.rules, drafts: endpoint.rules.map(draftOfRule) });
  if (stored.of !== endpoint.rules) setStored({ of: endpoint.rules, drafts: endpoint.rules.map(draftOfRule) });
  const drafts = edited ?? stored.drafts;
  const saving = useMutation({
    mutationFn: () =>
      call(setRules, { params: { endpoint: endpoint.id }, body: { rules: drafts.map((draft) => ruleOf(draft)) } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['webhooks', 'endpoints'] });
      setEdited(undefined);
    },
  });
  const change = (changed: RuleDraft) => setEdited(drafts.map((draft) => (draft.id === changed.id ? changed : draft)));
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <p className="explains">{words.text}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!saving.isPending) saving.mutate();
        }}
      >
        {drafts.length === 0 ? <p className="faint">{words.none}</p> : null}
        {drafts.map((draft) => (
          <RuleFields
            key={draft.id}
            draft={draft}
            mayChange={mayChange}
            onChange={change}
            onRemove={() => setEdited(drafts.filter(({ id }) => id !== draft.id))}
          />
        ))}
        {saving.error === null ? null : <Problem error={saving.error} />}
        {mayChange ? (
          <p className="row-of-acts">
            <button type="button" className="button" onClick={() => setEdited([...drafts, blankRule()])}>
              {words.add}
            </button>
            {drafts.length === 0 ? (
              <button
                type="button"
                className="button"
                onClick={() => setEdited([...drafts, exampleRule(endpoint.scheme.kind)])}
              >
                {words.begin}
              </button>
            ) : null}
            <button type="submit" className="button first" disabled={edited === undefined || saving.isPending}>
              {saving.isPending ? words.saving : words.save}
            </button>
            <span role="status" className="faint">
              {edited === undefined ? (saving.isSuccess ? words.saved : '') : words.unsaved}
            </span>
          </p>
        ) : null}
      </form>
      {mayChange ? <TryRules endpoint={endpoint.id} drafts={drafts} /> : null}
    </section>
  );
}
