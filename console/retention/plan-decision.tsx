import { useQueryClient } from '@tanstack/react-query';
import { approvePlan, type Plan, rejectPlan } from '../../server/retention/contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { useMay } from '../frame/session.ts';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { planQuery } from './queries.ts';
import { actOf, amountOf } from './what-goes.ts';
import { retentionWords } from './words.ts';

/** The decision about a plan; the button names the act and the number. */
export function PlanDecision({ plan }: { plan: Plan }) {
  const all = useWords(retentionWords);
  const words = all.plan;
  const format = useFormat();
  const client = useQueryClient();
  const may = useMay('retention:approve');
  if (plan.state !== 'awaiting-approval' || !may) return null;
  const obstructed = plan.steps.some(({ obstacles }) => obstacles.length > 0);
  const act = actOf(plan.rows, plan.steps, all, format);
  const sum = (count: (step: Plan['steps'][number]) => number) =>
    format.number(plan.steps.reduce((total, step) => total + count(step), 0));
  const number = format.number(plan.rows);
  const amount = amountOf(
    plan.rows,
    plan.steps.filter(({ rows }) => rows > 0).map(({ fate }) => fate),
    all,
    format,
  );
  const decide = async (deciding: Promise<Plan>) => {
    try {
      client.setQueryData(planQuery(plan.id).queryKey, await deciding);
    } finally {
      // Also when it was refused: the plan may have been decided or replaced meanwhile, and the page has to say so.
      await client.invalidateQueries({ queryKey: ['retention'] });
    }
  };
  return (
    <section className="part decision">
      <h2>{words.decide}</h2>
      <p className="explains">{obstructed ? words.obstructed : words.decideText}</p>
      <div className="row-of-acts">
        <ActDialog
          button={act}
          title={words.approveTitle(act)}
          text={
            <>
              <p>
                {words.approveText(
                  amount,
                  new Set(plan.steps.filter(({ rows }) => rows > 0).map(({ dataset }) => dataset)).size,
                )}
              </p>
              <p>
                {words.stays(
                  sum(({ held }) => held),
                  sum(({ excepted }) => excepted),
                )}
              </p>
            </>
          }
          confirm={act}
          pending={words.approving}
          destroys
          look="destroys"
          disabled={obstructed}
          typed={{ label: words.type(number), value: number, mismatch: words.mismatch }}
          onConfirm={() => decide(call(approvePlan, { params: { plan: plan.id }, body: { rows: plan.rows } }))}
        />
        <ActDialog
          button={words.reject}
          title={words.rejectTitle}
          text={<p>{words.rejectText}</p>}
          confirm={words.rejectConfirm}
          pending={words.rejectConfirm}
          reason={{ label: all.reason, hint: all.reasonHint }}
          onConfirm={(reason) => decide(call(rejectPlan, { params: { plan: plan.id }, body: { reason } }))}
        />
      </div>
    </section>
  );
}
