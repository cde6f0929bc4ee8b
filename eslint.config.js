import tseslint from 'typescript-eslint';

/**
 * The one direction of imports (docs/adr/0002): model <- config, constructs <- charts <- bridge <- verify <- report <- program, cli;
 * authorizer, openfga and http stand on model alone, prove and config also on yaml (where things stand in a YAML text), gate
 * and audit on model and http.
 * A layer may import from the layers listed for it and from itself, and the packages listed for it.
 */
const layers = {
  model: { from: [], packages: [] },
  authorizer: {
    from: ['model'],
    packages: ['@grpc/grpc-js', '@grpc/proto-loader', '@kubernetes/client-node', 'prom-client'],
  },
  'start-gate': { from: [], packages: [] },
  yaml: { from: [], packages: ['yaml'] },
  config: { from: ['model', 'yaml'], packages: ['zod', 'yaml'] },
  openfga: { from: ['model'], packages: ['@openfga/sdk'] },
  prove: { from: ['model', 'yaml'], packages: ['yaml'] },
  constructs: {
    from: ['model'],
    packages: [
      'cdk8s',
      'cdk8s-plus-28',
      'constructs',
      'yaml',
      '@grafana/grafana-foundation-sdk',
      '@prometheus-io/lezer-promql',
    ],
  },
  charts: { from: ['model', 'constructs'], packages: ['cdk8s', 'constructs'] },
  bridge: {
    from: ['model', 'config', 'constructs', 'charts', 'openfga'],
    packages: ['@pulumi', '@kubernetes/client-node', 'microdiff'],
  },
  verify: {
    from: ['model', 'config', 'constructs', 'charts', 'bridge', 'prove', 'authorizer'],
    packages: ['prom-client'],
  },
  http: { from: ['model'], packages: ['undici'] },
  gate: { from: ['model', 'http'], packages: [] },
  audit: { from: ['model', 'http'], packages: [] },
  report: { from: ['model', 'gate', 'audit', 'prove', 'verify'], packages: ['playwright-core'] },
  cli: {
    from: [
      'model',
      'config',
      'constructs',
      'charts',
      'openfga',
      'bridge',
      'prove',
      'authorizer',
      'verify',
      'http',
      'gate',
      'audit',
      'report',
    ],
    packages: ['commander', 'picocolors', 'yaml', '@pulumi', 'microdiff'],
  },
};

const packages = [...new Set(Object.values(layers).flatMap((layer) => layer.packages))];

const direction = Object.entries(layers).map(([layer, { from, packages: allowed }]) => ({
  files: [`src/${layer}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...Object.keys(layers)
            .filter((other) => other !== layer && !from.includes(other))
            .map((other) => ({
              regex: `^(\\.\\./)+${other}/.*\\.js$`,
              message: `src/${layer} must not import from src/${other}.`,
            })),
          ...packages
            .filter((name) => !allowed.includes(name))
            .map((name) => ({ regex: `^${name}(/|$)`, message: `src/${layer} must not import ${name}.` })),
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'dist-bundle/', 'node_modules/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-member-access': 'off' },
  },
  ...direction,
);
