/** inbox. */
import type { Command } from 'commander';
import type { Decision } from '../../contract/inbox.ts';
import type { ListInboxOptions, ResolveOptions } from '../actions/inbox.ts';
import type { CommonOptions } from '../session.ts';
import { type Act, choice, declare, declareGroup, oneOf } from './declare.ts';
import { wholeNumber } from './option-values.ts';

const TYPES = ['permission', 'question', 'approval', 'failure', 'budget'];
const DECISIONS: readonly Decision[] = [
  'allow',
  'deny',
  'allow_always',
  'answer',
  'approve',
  'reject',
  'retry',
  'fail',
  'mark_succeeded',
  'restart',
  'dismiss',
  'raise',
  'stop',
];

type AnswerOptions = Omit<ResolveOptions, 'item' | 'decision' | 'answer'>;

export function declareInboxCommands(program: Command, act: Act): void {
  const inbox = declareGroup(program, {
    name: 'inbox',
    summary: 'See what waits for a person, and answer it.',
    about: 'An item is named by its id or the beginning of it. Without a command: ls.',
    examples: ['pointsman inbox', 'pointsman inbox approve 0199a1b2-c3d4 --note "looks good"'],
  });
  declare(inbox, {
    name: 'ls',
    summary: 'List what waits for an answer, oldest first.',
    examples: ['pointsman inbox ls --type approval'],
  })
    .addOption(choice('--type <type>', 'only items of this type', TYPES))
    .option('--all', 'also what was answered, withdrawn or has expired')
    .option('--limit <number>', 'at most so many', wholeNumber, 50)
    .action(
      act(async (io, options: ListInboxOptions) => await (await import('../actions/inbox.ts')).listInbox(io, options)),
    );
  declare(inbox, {
    name: 'show <item>',
    summary: 'Show an item whole, and how to answer it.',
    examples: ['pointsman inbox show 0199a1b2-c3d4'],
  }).action(
    act(
      async (io, item: string, options: CommonOptions) =>
        await (await import('../actions/inbox.ts')).showInboxItem(io, { ...options, item }),
    ),
  );

  const answers: [name: string, decision: Decision, summary: string][] = [
    ['approve', 'approve', 'Approve what an approval asks.'],
    ['reject', 'reject', 'Reject what an approval asks.'],
    ['allow', 'allow', 'Allow what an agent asks permission for, this once.'],
    ['deny', 'deny', 'Deny what an agent asks permission for.'],
    ['retry', 'retry', 'Run a step again whose outcome is not known.'],
    ['fail', 'fail', 'Count a step as failed whose outcome is not known.'],
  ];
  for (const [name, decision, summary] of answers) {
    declareAnswer(inbox, {
      name: `${name} <item>`,
      summary,
      example: `pointsman inbox ${name} 0199a1b2-c3d4 --note "why"`,
    }).action(
      act(
        async (io, item: string, options: AnswerOptions) =>
          await (await import('../actions/inbox.ts')).resolveItem(io, { ...options, item, decision }),
      ),
    );
  }
  declareAnswer(inbox, {
    name: 'answer <item> [text...]',
    summary: 'Answer a question of an agent.',
    example: 'pointsman inbox answer 0199a1b2-c3d4 "Use the second one"',
  }).action(
    act(async (io, item: string, words: string[], options: AnswerOptions) => {
      const answer = words.length > 0 ? { answer: words.join(' ') } : {};
      return await (
        await import('../actions/inbox.ts')
      ).resolveItem(io, { ...options, item, decision: 'answer', ...answer });
    }),
  );
  declareAnswer(inbox, {
    name: 'resolve <item>',
    summary: 'Give any answer that an item offers.',
    example: `pointsman inbox resolve 0199a1b2-c3d4 mark_succeeded --form '{"exitCode": 0}'`,
  })
    .addArgument(oneOf('<decision>', 'one of its choices', DECISIONS))
    .action(
      act(
        async (io, item: string, decision: Decision, options: AnswerOptions) =>
          await (await import('../actions/inbox.ts')).resolveItem(io, { ...options, item, decision }),
      ),
    );
}

function declareAnswer(
  inbox: Command,
  { name, summary, example }: { name: string; summary: string; example: string },
): Command {
  return declare(inbox, {
    name,
    summary,
    about:
      'The answer counts for exactly what you were shown: with --hash for what you saw before, else the item is shown and you are asked.',
    examples: [example],
  })
    .option('--note <text>', 'why; it is kept with the answer')
    .option('--form <json>', 'what the form asks for; @FILE reads it from a file')
    .option('--hash <hash>', 'hash of what you were shown, or its first characters; anything else is refused')
    .option('--yes', 'do not ask again at a terminal');
}
