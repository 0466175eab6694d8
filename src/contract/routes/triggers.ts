/** REST of triggers. */
import { z } from 'zod';
import { Id, PageQuery } from '../identifiers.ts';
import { HookParams, Trigger, TriggerSecret, UpdateTrigger, WebhookAccepted } from '../triggers.ts';
import { IdParams } from './params.ts';
import type { Route } from './route.ts';

export const triggerRoutes = {
  listTriggers: {
    method: 'GET',
    path: '/api/triggers',
    tag: 'triggers',
    summary: 'What starts workflows by itself, newest first',
    permission: 'read',
    query: PageQuery.extend({ workflow: Id.optional() }),
    status: 200,
    response: z.array(Trigger),
    paged: true,
  },
  updateTrigger: {
    method: 'PATCH',
    path: '/api/triggers/{id}',
    tag: 'triggers',
    summary: 'Enable or disable it; what happens meanwhile starts nothing',
    permission: 'operate',
    params: IdParams,
    body: UpdateTrigger,
    status: 200,
    response: Trigger,
  },
  rotateTriggerSecret: {
    method: 'POST',
    path: '/api/triggers/{id}/secret',
    tag: 'triggers',
    summary: 'Give a webhook a new secret, shown this once; the one before ends at once',
    permission: 'administer',
    params: IdParams,
    status: 200,
    response: TriggerSecret,
  },
  receiveWebhook: {
    method: 'POST',
    path: '/hooks/{triggerId}',
    tag: 'triggers',
    summary: 'Start the workflow of a webhook; the exact body is signed with its secret',
    permission: 'public',
    params: HookParams,
    query: z.looseObject({}),
    body: z.unknown(),
    bodyIsText: true,
    status: 202,
    response: WebhookAccepted,
    perMinute: 600,
  },
} as const satisfies Record<string, Route>;
