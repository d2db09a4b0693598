import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cancelAccount } from '../accounts/cancel-account.ts';
import { findAccount } from '../accounts/find-account.ts';
import { reactivateAccount } from '../accounts/reactivate-account.ts';
import { listMessages } from '../messages/list-messages.ts';
import { recordBounce } from '../messages/record-bounce.ts';
import { resendMessage } from '../messages/resend-message.ts';
import { openTestMailServer, type TestMailServer } from '../messages/test-mail-server.ts';
import type { ContractEnd } from './contract.ts';
import { placeHold, releaseHold } from './place-hold.ts';
import { listContractEnds } from './show-contract-end.ts';
import {
  addAccount,
  dayMs,
  daysAgo,
  fill,
  now,
  openTestOrganisation,
  owner,
  type TestOrganisation,
} from './test-organisation.ts';

describe('the end of a contract', () => {
  let foz: TestOrganisation;
  let mail: TestMailServer;
  before(async () => {
    mail = await openTestMailServer();
    foz = await openTestOrganisation({
      environment: { KEPT_SMTP_URL: mail.url, KEPT_MAIL_FROM: 'Foz <privacy@foz.example>' },
      working: true,
    });
    await fill(foz);
    await foz.publish();
    await foz.approve();
    await foz.platform.tasks.settled();
  });
  after(async () => {
    await foz.close();
    await mail.close();
  });

  const endOf = async (account: string): Promise<ContractEnd | undefined> => {
    const { items } = await foz.transaction((tx) => listContractEnds(tx, undefined, 50));
    return items.find((end) => end.account === account);
  };
  const rowsOf = async (account: string): Promise<Record<string, number>> => {
    const tables = ['operator', 'contact', 'message', 'token', 'invoice', 'audit_log', 'webhook'];
    const counts: Record<string, number> = {};
    for (const table of tables)
      counts[table] = await foz.count(`select count(*) from ${table} where account_id = $1`, account);
    return counts;
  };

  test('after its grace everything of the account goes, but for what a law keeps', async () => {
    assert.deepEqual(await rowsOf('e'), {
      operator: 0,
      contact: 0,
      message: 0,
      token: 0,
      invoice: 5,
      audit_log: 2,
      webhook: 0,
    });
    assert.equal(existsSync(join(foz.media, 'e/photo.jpg')), false);
    const end = await endOf('e');
    assert.equal(end?.state, 'confirmed');
    assert.deepEqual(end?.disposed, [
      { dataset: 'attachments', rows: 1 },
      { dataset: 'contacts', rows: 2 },
      { dataset: 'messages', rows: 4 },
      { dataset: 'operators', rows: 1 },
      { dataset: 'tokens', rows: 1 },
    ]);
    assert.equal((await foz.transaction((tx) => findAccount(tx, 'e')))?.state, 'ended');
  });

  test('what is kept is told with its count, its promise and the day by which it goes', async () => {
    const kept = (await endOf('e'))?.kept ?? [];
    const invoices = kept.find(({ dataset }) => dataset === 'invoices');
    assert.deepEqual([invoices?.rows, invoices?.promise], [5, 'invoices-five-years']);
    // The youngest invoice is one year old, so it has four years to go.
    const until = Date.parse(invoices?.until ?? '');
    assert.ok(Math.abs(until - now.getTime() - 4 * 365.25 * dayMs) < 3 * dayMs, invoices?.until ?? 'never');
    // The invoices point at the account's own row, so it stays as long as they do, and that is said.
    assert.deepEqual(
      kept.filter(({ dataset }) => dataset === 'accounts').map(({ rows, promise, until: at }) => [rows, promise, at]),
      [[1, 'contract-end', invoices?.until]],
    );
    assert.equal(await foz.count(`select count(*) from account where id = 'e'`), 1);
  });

  test('the owner is told by mail in the organisation’s languages, and their address is forgotten', async () => {
    assert.equal(mail.taken.length, 1);
    const [message] = mail.taken;
    assert.deepEqual(message?.to, ['e@owner.example']);
    const text = message?.mail.text ?? '';
    for (const words of [
      'What we erased',
      'messages',
      'What the law obliges us to keep',
      'CTN',
      'O que apagamos',
      '2030',
    ])
      assert.ok(text.includes(words), `“${words}” is missing in\n${text}`);
    assert.match(message?.mail.html ?? '', /<div lang="pt-BR">/);
    const account = await foz.transaction((tx) => findAccount(tx, 'e'));
    assert.equal(account?.ownerEmail, null);
    assert.notEqual(account?.ownerForgottenAt, null);
    assert.equal((await foz.prove('end-confirmed')).status, 'kept');
  });

  test('an account in its grace keeps everything', async () => {
    const end = await endOf('g');
    assert.equal(end?.state, 'in-grace');
    assert.equal(end?.graceUntil, daysAgo(-20).toISOString());
    assert.equal((await rowsOf('g'))['message'], 4);
  });

  test('an account that comes back within its grace keeps everything for good', async () => {
    await addAccount(foz, 'back', 600, null);
    await foz.run();
    await foz.transaction((tx) => cancelAccount(tx, 'back', daysAgo(29)));
    await foz.platform.tasks.settled();
    assert.equal((await endOf('back'))?.state, 'in-grace');
    await foz.transaction((tx) => reactivateAccount(tx, 'back'));
    await foz.platform.tasks.settled();
    assert.equal((await endOf('back'))?.state, 'reactivated');
    foz.clock.advance(2 * dayMs);
    await foz.run();
    await foz.platform.tasks.settled();
    assert.equal((await rowsOf('back'))['message'], 4);
    foz.clock.set(now);
  });

  test('an account under a hold waits, and goes when the hold is released', async () => {
    await addAccount(foz, 'held', 700, daysAgo(45));
    const { id } = await placeHold(foz.platform, foz.organisationId, {
      target: { kind: 'account', account: 'held' },
      reason: 'A dispute',
      reviewOn: '2027-01-01',
      by: owner,
    });
    await foz.run();
    await foz.platform.tasks.settled();
    assert.equal((await endOf('held'))?.state, 'held');
    assert.equal((await rowsOf('held'))['message'], 4);
    const proof = await foz.prove('contract-end');
    assert.equal(proof.status, 'kept');
    assert.ok((proof.measurement?.places ?? []).some((place) => place.dataset === 'messages' && place.held === 4));
    await releaseHold(foz.platform, foz.organisationId, id, 'Settled', owner);
    await foz.platform.tasks.settled();
    assert.equal((await rowsOf('held'))['message'], 0);
    assert.equal((await endOf('held'))?.state, 'confirmed');
  });

  test('what comes back of an ended account is broken, and the next run takes it', async () => {
    assert.equal((await foz.prove('contract-end')).status, 'kept');
    await foz.product.query(`insert into operator values (990, 'e', 'Restored')`);
    const proof = await foz.prove('contract-end');
    assert.equal(proof.status, 'broken');
    assert.equal((await foz.prove('operators-while-active')).status, 'broken');
    await foz.run();
    await foz.platform.tasks.settled();
    assert.equal((await foz.prove('contract-end')).status, 'kept');
    assert.equal((await foz.prove('operators-while-active')).status, 'kept');
  });

  test('what a law keeps must stay for its time: an invoice that is gone too early is seen', async () => {
    assert.equal((await foz.prove('rest-for-its-time')).status, 'kept');
    const { rows } = await foz.product.query(
      `delete from invoice where id = (select id from invoice where account_id = 'e' order by issued_at desc limit 1) returning *`,
    );
    const proof = await foz.prove('rest-for-its-time');
    assert.deepEqual(
      [proof.status, proof.reason?.code, proof.reason?.figures['rows']],
      ['broken', 'kept-too-short', 1],
    );
    await foz.product.query('insert into invoice values ($1, $2, $3)', [
      rows[0].id,
      rows[0].account_id,
      rows[0].issued_at,
    ]);
    assert.equal((await foz.prove('rest-for-its-time')).status, 'kept');
  });

  test('… and goes at the end of its time, and with it the account’s own row', async () => {
    await foz.product.query(`update invoice set issued_at = issued_at - interval '5 years' where account_id = 'e'`);
    assert.equal((await foz.prove('rest-for-its-time')).status, 'broken');
    await foz.run();
    await foz.platform.tasks.settled();
    assert.equal((await rowsOf('e'))['invoice'], 0);
    // In the same run: the sweep over ended accounts comes after the invoices that pointed at the row.
    assert.equal(await foz.count(`select count(*) from account where id = 'e'`), 0);
    assert.equal((await foz.prove('contract-end')).status, 'kept');
  });

  test('an end without an address is never called confirmed', async () => {
    await addAccount(foz, 'mute', 800, daysAgo(45));
    await foz.product.query(`update account set owner_email = null where id = 'mute'`);
    await foz.run();
    await foz.platform.tasks.settled();
    assert.equal((await endOf('mute'))?.confirmation, 'no-address');
    assert.equal((await foz.prove('end-confirmed')).status, 'due');
    foz.clock.advance(3 * dayMs);
    assert.deepEqual((await foz.prove('end-confirmed')).reason?.code, 'end-unconfirmed');
    foz.clock.set(now);
  });

  test('RV-18: a confirmation that was refused, or came back, confirms nothing until it was sent again', async () => {
    // One of them is the account without an address.
    const unconfirmed = async () => {
      const { reason } = await foz.prove('end-confirmed');
      return reason?.code === 'end-unconfirmed' ? reason.figures['accounts'] : 0;
    };
    mail.onRecipient.push({ code: 550, text: '5.1.1 no such user' });
    await addAccount(foz, 'typo', 900, daysAgo(45));
    await foz.run();
    await foz.platform.tasks.settled();
    const refused = await endOf('typo');
    assert.deepEqual([refused?.state, refused?.confirmation], ['erased', 'failed']);
    foz.clock.advance(3 * dayMs);
    assert.equal(await unconfirmed(), 2);
    const [message] = await foz
      .transaction((tx) => listMessages(tx, { state: 'failed', limit: 1 }))
      .then((page) => page.items);
    assert.ok(message !== undefined);
    const order = { mailFrom: 'privacy@foz.example', actor: owner };
    await foz.transaction((tx) => resendMessage(tx, message.id, { ...order, to: 'right@typo.example' }));
    await foz.platform.tasks.settled();
    assert.deepEqual(mail.taken.at(-1)?.to, ['right@typo.example']);
    assert.deepEqual([(await endOf('typo'))?.state, (await endOf('typo'))?.confirmation], ['confirmed', 'sent']);
    assert.equal(await unconfirmed(), 1);

    const messageIdHeader = mail.taken.at(-1)?.mail.messageId ?? '';
    await foz.transaction((tx) => recordBounce(tx, { messageIdHeader, permanent: true, code: '5.7.1' }));
    await foz.platform.tasks.settled();
    assert.deepEqual([(await endOf('typo'))?.state, (await endOf('typo'))?.confirmation], ['erased', 'failed']);
    assert.equal(await unconfirmed(), 2);
    await foz.transaction((tx) => resendMessage(tx, message.id, order));
    await foz.platform.tasks.settled();
    assert.equal((await endOf('typo'))?.state, 'confirmed');
    assert.equal(await unconfirmed(), 1);
    foz.clock.set(now);
  });
});
