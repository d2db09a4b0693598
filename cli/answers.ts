import type { AnswerOf, endpoints } from '@kept/sdk';

/** The server's answers as the commands print them; each is the contract's own type. */
export type Board = AnswerOf<typeof endpoints.policy.listPromises>;
export type PromiseRow = Board['promises'][number];
export type Finding = AnswerOf<typeof endpoints.policy.checkPolicy>['findings'][number];
export type Plan = AnswerOf<typeof endpoints.retention.getPlan>;
export type Run = AnswerOf<typeof endpoints.retention.getRun>;
export type Hold = AnswerOf<typeof endpoints.retention.releaseHold>;
export type ContractEnd = AnswerOf<typeof endpoints.retention.listContractEnds>['items'][number];
export type DisposalState = AnswerOf<typeof endpoints.retention.readDisposalState>;
