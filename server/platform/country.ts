import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CountryResponse, Reader } from 'maxmind';
import { z } from 'zod';

/** What this table holds instead of what MaxMind's own do. */
const placeSchema = z.object({ country_code: z.string() });

let reader: Reader<CountryResponse> | null = null;

/**
 * The country of a network address by the registries' own tables, which come with Kept, so that nobody is asked about
 * anybody. It tells where a network is registered, not where a person is.
 * @returns ISO 3166-1 alpha-2; null for private and unknown addresses
 */
export function countryOf(address: string): string | null {
  // Eight megabytes that a server without people who sign in never needs.
  reader ??= new Reader<CountryResponse>(
    readFileSync(
      fileURLToPath(import.meta.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb')),
    ),
  );
  return placeSchema.safeParse(reader.get(address)).data?.country_code ?? null;
}
