/** Style sheets are bundled as text and adopted by the components' shadow roots, which the content security policy allows. */
declare module '*.css' {
  const text: string;
  export default text;
}
