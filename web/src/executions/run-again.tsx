import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Execution } from '../../../src/contract/executions.ts';
import type { Workflow } from '../../../src/contract/workflows.ts';
import { workflowQuery } from '../api/queries.ts';
import { Icon } from '../ui/icon.tsx';
import { useOffers } from '../ui/page-actions.ts';
import { useAction } from '../ui/use-action.ts';
import { ExecuteDialog } from '../workflows/execute-dialog.tsx';
import { t } from '../words/words.ts';

/** The live version of its workflow once more, with the same inputs to begin with. */
export function RunAgain({ execution, workflowId }: { execution: Execution; workflowId: string }) {
  const queries = useQueryClient();
  const { busy, run } = useAction();
  const [workflow, setWorkflow] = useState<Workflow | null>(null);
  const open = () => void run(async () => setWorkflow(await queries.fetchQuery(workflowQuery(workflowId))));
  useOffers([[t('Run again'), busy ? null : open]]);
  return (
    <>
      <Button
        disabled={busy}
        startIcon={<Icon name="play" />}
        title={t('A new execution of the live version, with these inputs to begin with')}
        onClick={open}
      >
        {t('Run again')}
      </Button>
      {workflow && <ExecuteDialog workflow={workflow} inputs={execution.inputs} onClose={() => setWorkflow(null)} />}
    </>
  );
}
