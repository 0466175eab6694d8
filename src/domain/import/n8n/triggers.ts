/** What starts an n8n workflow, as triggers and inputs. Returns false for a trigger that has no counterpart. */
import { at, type Foreign, list, record, text } from '../foreign-value.ts';
import type { ImportDraft } from '../import-draft.ts';
import type { N8nNode } from './graph.ts';

export function n8nTrigger(draft: ImportDraft, node: N8nNode, timezone: string): boolean {
  const { kind, parameters, source } = node;
  switch (kind) {
    case 'manualTrigger':
    case 'start':
      draft.mapped(source, 'execution by hand');
      return true;
    case 'scheduleTrigger':
    case 'cron':
      return schedule(draft, node, timezone);
    case 'webhook': {
      const path = text(parameters['path']) || 'webhook';
      draft.triggers.push({ webhook: path });
      draft.inputs.set('body', { description: `What was sent to the webhook ${path}`, default: {} });
      draft.mapped(source, 'trigger');
      draft.note('A webhook has another address here, and whoever calls it needs to know a secret.');
      if (text(parameters['authentication']) !== '' && parameters['authentication'] !== 'none')
        draft.unmapped(source, 'Its authentication is not taken over.', { field: '/parameters/authentication' });
      return true;
    }
    case 'executeWorkflowTrigger':
      for (const value of list(at(parameters, 'workflowInputs', 'values')))
        input(draft, at(value, 'name'), at(value, 'type'));
      draft.mapped(source, 'input');
      return true;
    case 'formTrigger':
      for (const value of list(at(parameters, 'formFields', 'values')))
        input(draft, at(value, 'fieldLabel'), at(value, 'fieldType'), at(value, 'requiredField') === true);
      draft.mapped(source, 'input');
      return true;
    case 'chatTrigger':
      draft.inputs.set('chatInput', { type: 'string', description: 'What the person says' });
      draft.mapped(source, 'input');
      return true;
    default:
      return false;
  }
}

export function isTrigger(node: N8nNode): boolean {
  return /trigger$/i.test(node.kind) || ['start', 'cron', 'webhook', 'interval'].includes(node.kind);
}

/** What a trigger hands on, at a path: only what is an input. */
export function triggerItem(draft: ImportDraft, kind: string, path: string): string | undefined {
  if (!['webhook', 'executeWorkflowTrigger', 'formTrigger', 'chatTrigger'].includes(kind)) return undefined;
  const name = /^\.(\w+)/.exec(path)?.[1];
  return name !== undefined && draft.inputs.has(name) ? `inputs${path}` : undefined;
}

function input(draft: ImportDraft, name: unknown, type: unknown, required = false): void {
  const id = text(name);
  if (!/^[A-Za-z_]\w{0,63}$/.test(id)) {
    draft.note(`The input “${id}” has a name that is no identifier; declare it under another.`);
    return;
  }
  const known = ['number', 'boolean', 'array', 'object'].includes(text(type)) ? text(type) : 'string';
  draft.inputs.set(id, known === 'string' && !required ? { type: 'string', default: '' } : { type: known });
}

function schedule(draft: ImportDraft, { parameters, source, kind }: N8nNode, timezone: string): boolean {
  const rules =
    kind === 'cron' ? list(at(parameters, 'triggerTimes', 'item')) : list(at(parameters, 'rule', 'interval'));
  const crons = rules.map((rule) => (kind === 'cron' ? olderCron(record(rule)) : cronOf(record(rule))));
  const known = crons.filter((cron) => cron !== undefined);
  if (known.length === 0) return false;
  for (const cron of known) draft.triggers.push({ cron, ...(timezone === '' ? {} : { timezone }) });
  if (known.length < crons.length)
    draft.unmapped(source, 'Some of its times cannot be said as minute, hour, day, month and weekday.', {
      field: '/parameters',
    });
  draft.mapped(source, 'trigger');
  return true;
}

const whole = (value: unknown, fallback: number): number => {
  const number = Number(value ?? fallback);
  return Number.isInteger(number) && number >= 0 && number <= 60 ? number : fallback;
};

function cronOf(rule: Foreign): string | undefined {
  const minute = whole(rule['triggerAtMinute'], 0);
  const hour = whole(rule['triggerAtHour'], 0);
  switch (text(rule['field']) || 'days') {
    case 'cronExpression':
      return fiveFields(text(rule['expression']));
    case 'minutes': {
      const every = whole(rule['minutesInterval'], 5);
      return every < 60 && every > 0 && 60 % every === 0 ? `*/${every} * * * *` : undefined;
    }
    case 'hours': {
      const every = whole(rule['hoursInterval'], 1);
      return every === 1
        ? `${minute} * * * *`
        : every > 0 && 24 % every === 0
          ? `${minute} */${every} * * *`
          : undefined;
    }
    case 'days':
      return whole(rule['daysInterval'], 1) === 1 ? `${minute} ${hour} * * *` : undefined;
    case 'weeks': {
      const days = Array.isArray(rule['triggerAtDay']) ? list(rule['triggerAtDay']).map((day) => whole(day, 0)) : [0];
      return whole(rule['weeksInterval'], 1) === 1 ? `${minute} ${hour} * * ${days.join(',')}` : undefined;
    }
    case 'months':
      return whole(rule['monthsInterval'], 1) === 1
        ? `${minute} ${hour} ${Math.max(1, whole(rule['triggerAtDayOfMonth'], 1))} * *`
        : undefined;
    default:
      return undefined;
  }
}

function olderCron(item: Foreign): string | undefined {
  const minute = whole(item['minute'], 0);
  const hour = whole(item['hour'], 14);
  switch (text(item['mode']) || 'everyDay') {
    case 'everyMinute':
      return '* * * * *';
    case 'everyHour':
      return `${minute} * * * *`;
    case 'everyDay':
      return `${minute} ${hour} * * *`;
    case 'everyWeek':
      return `${minute} ${hour} * * ${whole(item['weekday'], 1)}`;
    case 'everyMonth':
      return `${minute} ${hour} ${Math.max(1, whole(item['dayOfMonth'], 1))} * *`;
    case 'custom':
      return fiveFields(text(item['cronExpression']));
    default:
      return undefined;
  }
}

/** With a field for seconds in front only when that says: at the full minute. */
function fiveFields(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length === 6 && fields[0] === '0') fields.shift();
  return fields.length === 5 && fields.every((field) => /^[\w*/,#?-]{1,40}$/.test(field))
    ? fields.join(' ')
    : undefined;
}
