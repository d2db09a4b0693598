import type { HttpServer } from '../platform/http.ts';
import { catalogueVersion, describeEvents } from './catalogue.ts';
import { listEventKinds } from './catalogue-contract.ts';

export function registerCatalogueRoutes(http: HttpServer): void {
  const kinds = describeEvents();
  http.route(listEventKinds, () => Promise.resolve({ catalogue: catalogueVersion, kinds }));
}
