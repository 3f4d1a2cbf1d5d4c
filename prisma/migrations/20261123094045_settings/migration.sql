-- CreateTable
CREATE TABLE "Settings" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "llmProvider" TEXT,
    "llmModel" TEXT,
    "llmApiKey" TEXT,
    "llmBaseUrl" TEXT,
    "embeddingProvider" TEXT,
    "embeddingModel" TEXT,
    "embeddingApiKey" TEXT,
    "embeddingBaseUrl" TEXT,
    "version" INTEGER NOT NULL DEFAULT 0,
    "updatedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Settings_pkey" PRIMARY KEY ("id")
);

INSERT INTO "Settings" ("id") VALUES (1);
