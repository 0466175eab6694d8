/** REST of web push. */
import { z } from 'zod';
import { PushKey, PushSubscription, PutPushSubscription, UpdatePushSubscription } from '../push.ts';
import { IdParams, NoQuery } from './params.ts';
import type { Route } from './route.ts';

export const pushRoutes = {
  getPushKey: {
    method: 'GET',
    path: '/api/push/key',
    tag: 'push',
    summary: 'The key with which a browser subscribes to notifications',
    permission: 'read',
    query: NoQuery,
    status: 200,
    response: PushKey,
  },
  listPushSubscriptions: {
    method: 'GET',
    path: '/api/push/subscriptions',
    tag: 'push',
    summary: 'The browsers in which you are notified; nobody sees those of others',
    permission: 'read',
    query: NoQuery,
    status: 200,
    response: z.array(PushSubscription),
  },
  putPushSubscription: {
    method: 'PUT',
    path: '/api/push/subscriptions',
    tag: 'push',
    summary: 'Be notified in this browser; the same address again changes what it said before',
    permission: 'read',
    body: PutPushSubscription,
    status: 200,
    response: PushSubscription,
    perMinute: 60,
  },
  updatePushSubscription: {
    method: 'PATCH',
    path: '/api/push/subscriptions/{id}',
    tag: 'push',
    summary: 'Choose which kinds of items one of your browsers is told of',
    permission: 'read',
    params: IdParams,
    body: UpdatePushSubscription,
    status: 200,
    response: PushSubscription,
  },
  deletePushSubscription: {
    method: 'DELETE',
    path: '/api/push/subscriptions/{id}',
    tag: 'push',
    summary: 'Notify one of your browsers no more',
    permission: 'read',
    params: IdParams,
    status: 204,
    response: null,
  },
  testPushSubscription: {
    method: 'POST',
    path: '/api/push/subscriptions/{id}/test',
    tag: 'push',
    summary: 'Send a test notification to one of your browsers, now',
    permission: 'read',
    params: IdParams,
    status: 204,
    response: null,
    perMinute: 20,
  },
} as const satisfies Record<string, Route>;
