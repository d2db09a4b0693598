import {
  type Action,
  type ConnectedSystem,
  type Inspection,
  type Obstacle,
  StatementRefused,
  SystemUnreachable,
  type Target,
} from '../connectors/connector.ts';
import type { DataMap } from '../datamap/contract.ts';
import { openDatasetSystem } from '../datamap/open-system.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';

/** Connections to an organisation's systems, opened when first asked for. */
export interface Systems {
  /** @throws SystemUnreachable */
  get(system: string): Promise<ConnectedSystem>;
  /** Lets go of one that failed, so that it is opened afresh. */
  drop(system: string): Promise<void>;
  /** What was learnt a moment ago, so that the steps of a run do not ask the catalogue the same thing over and over. */
  readonly inspections: Map<string, Remembered>;
}

interface Remembered {
  readonly since: number;
  readonly inspection: Promise<Inspection>;
}

const rememberedMs = 60_000;

/** @throws SystemUnreachable, StatementRefused */
export function inspectOnce(
  systems: Systems,
  system: string,
  target: Target,
  clock: string | null,
  action: Action['kind'],
): Promise<Inspection> {
  const key = JSON.stringify([system, target, clock, action]);
  const known = systems.inspections.get(key);
  if (known !== undefined && performance.now() - known.since < rememberedMs) return known.inspection;
  const inspection = systems
    .get(system)
    .then((connected) => connected.inspect(target, clock === null ? [] : [clock], [action]));
  systems.inspections.set(key, { since: performance.now(), inspection });
  return inspection;
}

/** Opens systems as `work` asks for them and closes them when it is done. */
export async function withSystems<T>(
  platform: Platform,
  organisationId: OrganisationId,
  map: DataMap,
  work: (systems: Systems) => Promise<T>,
): Promise<T> {
  const open = new Map<string, Promise<ConnectedSystem>>();
  const inspections: Systems['inspections'] = new Map();
  const close = async (opening: Promise<ConnectedSystem>): Promise<void> => {
    // One that never opened has nothing to close, and whoever asked for it was told.
    const system = await opening.catch(() => null);
    await system?.close();
  };
  try {
    return await work({
      get(system) {
        const opening = open.get(system) ?? openDatasetSystem(platform, organisationId, map, { system });
        open.set(system, opening);
        return opening;
      },
      inspections,
      async drop(system) {
        const opening = open.get(system);
        open.delete(system);
        inspections.clear();
        if (opening !== undefined) await close(opening);
      },
    });
  } finally {
    await Promise.all([...open.values()].map(close));
  }
}

/** What a customer's system said when it could not or would not; anything else is a bug and is thrown on. */
export interface Trouble {
  readonly code: 'unreachable' | 'refused';
  readonly explanation: string;
  readonly remedy: string;
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof SystemUnreachable)
    return { code: 'unreachable', explanation: error.message, remedy: error.remedy };
  if (error instanceof StatementRefused) return { code: 'refused', explanation: error.message, remedy: error.remedy };
  throw error;
}

export function obstacleFrom(place: string, trouble: Trouble): Obstacle {
  const code = trouble.code === 'unreachable' ? 'unreachable' : 'missing-privilege';
  return { code, place, explanation: trouble.explanation, remedy: trouble.remedy, nearest: [] };
}
