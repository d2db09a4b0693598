/* Two packages that tests play identity providers with have no types; these are the parts that are used. */

declare module 'samlp' {
  type Done<T> = (error: Error | null | undefined, value: T) => void;
  const samlp: {
    parseRequest(request: object, done: Done<{ id: string; issuer: string }>): void;
    getSamlResponse(settings: object, user: object, done: Done<string>): void;
  };
  export = samlp;
}

declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export class Provider {
    constructor(issuer: string, settings: object);
    readonly Grant: new (
      of: object,
    ) => { addOIDCScope(scope: string): void; save(): Promise<string> };
    callback(): RequestListener;
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
  }
}
