import { onSignInCode } from './sign-in/sign-in-code.ts';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ThemeProvider } from '@mui/material/styles';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { bearer } from './api/bearer.ts';
import { onSessionEnded } from './api/session.ts';
import { queryClient } from './api/query-client.ts';
import { liveLink, liveStore } from './live/live.ts';
import { goToSignIn, router } from './shell/router.tsx';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { muiTheme } from './ui/mui-theme.ts';
import { ToastRegion } from './ui/toast-region.tsx';
import { language } from './words/words.ts';

onSessionEnded(() => {
  if (bearer() !== null) return; // the view says itself that it has ended
  liveLink.close();
  liveStore.clear();
  queryClient.clear();
  goToSignIn();
});

onSignInCode(goToSignIn);

document.documentElement.lang = language;
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <ThemeProvider theme={muiTheme}>
      <ErrorBoundary>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <ToastRegion />
        </QueryClientProvider>
      </ErrorBoundary>
    </ThemeProvider>
  </StrictMode>,
);
