import type { ConnectedSystem } from '../connectors/connector.ts';

/** Why the store should be left alone for a while, in one line; null where it may be worked on. */
export async function pressureOn(system: ConnectedSystem): Promise<string | null> {
  const pressures = await system.pressure();
  return pressures.length === 0 ? null : pressures.map(({ explanation }) => explanation).join(' ');
}
