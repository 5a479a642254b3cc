/**
 * uPlot makes a number format for the page's language while it loads, and a browser under the C locale names a language
 * that Intl refuses ("en-US@posix"). To be imported before uPlot.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
