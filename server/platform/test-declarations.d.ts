/* The part of a package for tests that is used and has no types. */

declare module 'dns-packet' {
  interface Question {
    readonly type: string;
    readonly name: string;
  }
  interface Answer extends Question {
    readonly ttl: number;
    readonly data: string;
  }
  const packet: {
    decode(message: Buffer): { readonly id: number; readonly questions?: readonly Question[] };
    encode(packet: {
      readonly id: number;
      readonly type: 'response';
      readonly flags: number;
      readonly questions: readonly Question[];
      readonly answers: readonly Answer[];
    }): Buffer;
    readonly RECURSION_DESIRED: number;
    readonly RECURSION_AVAILABLE: number;
  };
  export = packet;
}
