import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "src/**/*.test.ts"],
    // two cores are shared with a network of nodes
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
