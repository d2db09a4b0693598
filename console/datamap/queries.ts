import { queryOptions } from '@tanstack/react-query';
import { readDataMap } from '../../server/datamap/contract.ts';
import { call } from '../api.ts';

export const dataMapQuery = queryOptions({
  queryKey: ['datamap'],
  queryFn: ({ signal }) => call(readDataMap, { signal }),
});
