/** The three products that a layer y = x w needs, row-major. Zeros, of which a ReLU leaves many, cost nothing. */

/** y [m][n] = x [m][k] w [k][n] */
export function product(x, w, y, m, k, n) {
  y.fill(0);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const value = x[i * k + p];
      if (value === 0) continue;
      const [from, to] = [p * n, i * n];
      for (let j = 0; j < n; j++) y[to + j] += value * w[from + j];
    }
}

/** dw [k][n] = x^T dy */
export function weightGradient(x, dy, dw, m, k, n) {
  dw.fill(0);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const value = x[i * k + p];
      if (value === 0) continue;
      const [from, to] = [i * n, p * n];
      for (let j = 0; j < n; j++) dw[to + j] += value * dy[from + j];
    }
}

/** dx [m][k] = dy w^T */
export function inputGradient(dy, w, dx, m, k, n) {
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += dy[i * n + j] * w[p * n + j];
      dx[i * k + p] = sum;
    }
}
