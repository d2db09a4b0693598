import { stripVTControlCharacters, styleText } from 'node:util';

/** What the command line writes to. Colour and moving bars only where a person looks. */
export interface Terminal {
  /** A line of the answer, to standard output. */
  print(line: string): void;
  /** A line that is not the answer (progress, advice, errors), to standard error. */
  note(line: string): void;
  paint(colour: Colour, text: string): string;
  /** A line that is written over until `done`; nothing where standard error is no terminal. */
  bar(): ProgressBar;
  readonly interactive: boolean;
  readonly width: number;
}

export type Colour = 'green' | 'yellow' | 'red' | 'gray' | 'bold' | 'cyan';

export interface ProgressBar {
  /** @param text what is under way, after the bar */
  update(done: number, expected: number, text: string): void;
  /** Removes the bar. */
  done(): void;
}

export interface Streams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly in: NodeJS.ReadStream;
}

const BAR_CELLS = 24;

/** A terminal on these streams, as the variables of the usual conventions (`NO_COLOR`, `FORCE_COLOR`) say. */
export function openTerminal(streams: Streams, environment: Readonly<Record<string, string | undefined>>): Terminal {
  const forced = (environment['FORCE_COLOR'] ?? '') !== '' && environment['FORCE_COLOR'] !== '0';
  const colours = forced || (streams.out.isTTY === true && (environment['NO_COLOR'] ?? '') === '');
  const moving = streams.err.isTTY === true && environment['TERM'] !== 'dumb';
  const width = streams.out.isTTY ? Math.max(40, streams.out.columns) : 100;
  return {
    print: (line) => void streams.out.write(`${line}\n`),
    note: (line) => void streams.err.write(`${line}\n`),
    paint: (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text),
    bar: () => (moving ? movingBar(streams.err) : { update: () => {}, done: () => {} }),
    interactive: streams.in.isTTY === true && streams.err.isTTY === true,
    width,
  };
}

function movingBar(stream: NodeJS.WriteStream): ProgressBar {
  return {
    update(done, expected, text) {
      const share = expected <= 0 ? 0 : Math.min(1, done / expected);
      const full = Math.round(share * BAR_CELLS);
      const line = `${'━'.repeat(full)}${'╌'.repeat(BAR_CELLS - full)} ${text}`;
      stream.write(`\r\u001b[2K${cut(line, Math.max(40, stream.columns) - 1)}`);
    },
    done: () => void stream.write('\r\u001b[2K'),
  };
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** The column that gives way where the terminal is narrow; its text is broken over lines. */
  readonly gives?: boolean;
}

/** A table with a hairline under its head, as wide as needed and no wider than the terminal. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], terminal: Terminal): string[] {
  const widths = columns.map((column, place) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[place] ?? ''))),
  );
  const total = widths.reduce((sum, width) => sum + width, 0) + 2 * (columns.length - 1);
  const giving = columns.findIndex((column) => column.gives);
  const natural = widths[giving];
  if (total > terminal.width && natural !== undefined)
    widths[giving] = Math.max(16, natural - (total - terminal.width));
  const set = (cells: readonly string[]) => setRow(cells, columns, widths);
  const head = set(columns.map((column) => column.title)).map((line) => terminal.paint('bold', line));
  const rule = terminal.paint('gray', '─'.repeat(Math.min(total, terminal.width)));
  return [...head, rule, ...rows.flatMap((row) => set(row))];
}

function setRow(cells: readonly string[], columns: readonly Column[], widths: readonly number[]): string[] {
  const lines = cells.map((cell, place) => wrap(cell, widths[place] ?? widthOf(cell)));
  const height = Math.max(...lines.map((broken) => broken.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column, place) => pad(lines[place]?.[line] ?? '', widths[place] ?? 0, column.align))
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks a text at spaces and after hyphens; a part longer than the width stands alone. Texts with colour are never broken. */
export function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width || text !== stripVTControlCharacters(text)) return [text];
  const lines: string[] = [];
  for (const part of text.match(/[^\s-]*-|[^\s-]+\s*|\s+/g) ?? []) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf((last + part).trimEnd()) <= width) lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd());
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}

function cut(line: string, width: number): string {
  return widthOf(line) <= width ? line : `${[...line].slice(0, width - 1).join('')}…`;
}

const widthOf = (text: string) => [...stripVTControlCharacters(text)].length;
