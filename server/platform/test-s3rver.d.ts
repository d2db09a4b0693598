/* A package that tests use and that has no types; these are the parts that are used. */

declare module 's3rver' {
  class S3rver {
    constructor(settings: {
      address: string;
      port: number;
      silent: boolean;
      directory: string;
      configureBuckets: readonly { name: string; configs: readonly string[] }[];
    });
    run(): Promise<{ port: number }>;
    close(): Promise<void>;
  }
  export = S3rver;
}
