/** Material components in our own clothes: every colour is a variable of tokens.css, so both schemes share one theme. */
import { createTheme } from '@mui/material/styles';

export const muiTheme = createTheme({
  cssVariables: { nativeColor: true, cssVarPrefix: 'pm' },
  palette: {
    primary: {
      main: 'var(--accent)',
      dark: 'var(--accent-strong)',
      light: 'var(--accent)',
      contrastText: 'var(--on-accent)',
    },
    error: { main: 'var(--bad)', dark: 'var(--bad)', light: 'var(--bad)', contrastText: 'var(--surface)' },
    warning: { main: 'var(--warn)', dark: 'var(--warn)', light: 'var(--warn)', contrastText: 'var(--surface)' },
    success: { main: 'var(--ok)', dark: 'var(--ok)', light: 'var(--ok)', contrastText: 'var(--surface)' },
    text: { primary: 'var(--text)', secondary: 'var(--muted)', disabled: 'var(--faint)' },
    background: { default: 'var(--bg)', paper: 'var(--raised)' },
    divider: 'var(--border)',
    action: {
      active: 'var(--muted)',
      hover: 'var(--hover)',
      selected: 'var(--selected)',
      disabled: 'var(--faint)',
      disabledBackground: 'var(--quiet-soft)',
    },
  },
  shape: { borderRadius: 6 },
  typography: {
    fontFamily: 'var(--font)',
    fontSize: 14,
    htmlFontSize: 16,
    button: { textTransform: 'none', fontWeight: 560, letterSpacing: 0 },
  },
  components: {
    MuiButtonBase: { defaultProps: { disableRipple: true } },
    MuiButton: {
      defaultProps: { size: 'small', disableElevation: true, color: 'inherit', variant: 'outlined' },
      styleOverrides: {
        root: {
          minHeight: 30,
          padding: '3px 11px',
          fontSize: 13,
          lineHeight: '20px',
          whiteSpace: 'nowrap',
          borderColor: 'var(--border-strong)',
          '&:focus-visible': { outline: '2px solid var(--focus)', outlineOffset: 1 },
        },
        startIcon: { marginRight: 6, marginLeft: -2 },
      },
    },
    MuiIconButton: {
      defaultProps: { size: 'small' },
      styleOverrides: {
        root: {
          borderRadius: 6,
          width: 30,
          height: 30,
          color: 'var(--muted)',
          '&:focus-visible': { outline: '2px solid var(--focus)' },
        },
      },
    },
    MuiTooltip: {
      defaultProps: { enterDelay: 450, enterNextDelay: 100 },
      styleOverrides: {
        tooltip: {
          background: 'var(--text)',
          color: 'var(--bg)',
          fontSize: 12,
          fontWeight: 500,
          padding: '4px 8px',
          maxWidth: 420,
        },
      },
    },
    MuiDialog: {
      styleOverrides: {
        paper: {
          backgroundImage: 'none',
          border: '1px solid var(--border)',
          boxShadow: 'var(--shadow)',
          borderRadius: 10,
        },
      },
    },
    MuiDialogTitle: { styleOverrides: { root: { fontSize: 16, fontWeight: 620, padding: '16px 20px 8px' } } },
    MuiDialogContent: { styleOverrides: { root: { padding: '8px 20px' } } },
    MuiDialogActions: { styleOverrides: { root: { padding: '12px 20px 16px' } } },
    MuiTextField: { defaultProps: { size: 'small', fullWidth: true } },
    MuiOutlinedInput: {
      styleOverrides: {
        root: { background: 'var(--surface)', fontSize: 14 },
        notchedOutline: { borderColor: 'var(--border-strong)' },
      },
    },
    MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
  },
});
