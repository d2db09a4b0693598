import { z } from 'zod';
import { bodyOf, codeOf, countOf, dateOf, exampleId, idOf, instantOf, oneOf } from './body-contract.ts';

const notice = idOf('Notice', 'The notice');
const channels = z.array(oneOf(['e-mail', 'in-product', 'page'], 'A channel'));
const part = oneOf(['notice', 'cancellation'], 'Whether the notice was told, or its cancellation');

/** Bodies of the entries about notices: changes that an audience is told of before they take effect. */
export const noticeBodies = {
  'notice.announced': bodyOf(
    {
      notice,
      category: oneOf(['legal', 'announcement'], 'Whether opt-outs are honoured'),
      reason: codeOf('What changes'),
      audience: codeOf('For whom it is'),
      channels: channels.describe('How they are told'),
      recipients: countOf('Recipients counted when it was announced'),
      leadDays: countOf('Whole days between the telling and the change'),
      effectiveOn: dateOf('The day it names for the change, in the time zone'),
      timeZone: z.string().describe('IANA time zone that counts the days'),
      languages: z.array(oneOf(['pt-BR', 'en', 'es'], 'A language')).describe('In which it was written'),
    },
    {
      notice: exampleId,
      category: 'legal',
      reason: 'policy-change',
      audience: 'account-owners',
      channels: ['e-mail', 'page'],
      recipients: 1240,
      leadDays: 30,
      effectiveOn: '2027-01-04',
      timeZone: 'America/Sao_Paulo',
      languages: ['pt-BR', 'en'],
    },
  ),
  'notice.told': bodyOf(
    {
      notice,
      part,
      batch: countOf('Number of the batch within the notice'),
      recipients: countOf('Recipients of the batch'),
      mails: countOf('Mails queued to them'),
      withoutAddress: countOf('Recipients without an e-mail address'),
    },
    { notice: exampleId, part: 'notice', batch: 1, recipients: 100, mails: 98, withoutAddress: 2 },
  ),
  'notice.all-told': bodyOf(
    {
      notice,
      toldAt: instantOf('When the last recipient was told, or attempted for good'),
      recipients: countOf('Recipients'),
      sent: countOf('Mails that were taken over'),
      failed: countOf('Mails that were not, with those who had opted out'),
      mayTakeEffectOn: dateOf('First day on which the change may take effect'),
    },
    {
      notice: exampleId,
      toldAt: '2026-11-20T08:15:00.000Z',
      recipients: 1240,
      sent: 1233,
      failed: 4,
      mayTakeEffectOn: '2026-12-21',
    },
  ),
  'notice.in-force': bodyOf(
    { notice, effectiveOn: dateOf('The day on which it took effect, in the time zone') },
    { notice: exampleId, effectiveOn: '2027-01-04' },
  ),
  'notice.cancelled': bodyOf(
    { notice, recipients: countOf('Recipients who had been fixed by then') },
    { notice: exampleId, recipients: 1240 },
  ),
} as const;
