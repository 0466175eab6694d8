/** REST of what agents used. */
import { UsageQuery, UsageReport } from '../usage.ts';
import type { Route } from './route.ts';

export const usageRoutes = {
  getUsage: {
    method: 'GET',
    path: '/api/usage',
    tag: 'usage',
    summary: 'Tokens and cost by day (UTC), agent or workflow; the last seven days when none are named',
    permission: 'read',
    query: UsageQuery,
    status: 200,
    response: UsageReport,
  },
} as const satisfies Record<string, Route>;
