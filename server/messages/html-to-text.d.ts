/** As far as it is used; the package brings no types. */
declare module 'html-to-text' {
  export function htmlToText(
    html: string,
    options: {
      readonly wordwrap: false;
      readonly limits: {
        readonly maxInputLength: number;
        readonly maxDepth: number;
        readonly maxChildNodes: number;
        readonly ellipsis: string;
      };
      readonly selectors: readonly {
        readonly selector: string;
        readonly format?: string;
        readonly options?: Readonly<Record<string, string | number | boolean>>;
      }[];
    },
  ): string;
}
