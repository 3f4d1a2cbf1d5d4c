-- DropIndex
DROP INDEX "Generation_embedder_dimensions_key";

-- AlterTable
ALTER TABLE "Document" ADD COLUMN     "generationId" INTEGER;

-- AlterTable
ALTER TABLE "Generation" ADD COLUMN     "retiredAt" TIMESTAMPTZ(3),
ADD COLUMN     "terms" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "Reindexing" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "embedder" TEXT NOT NULL,
    "embedding" JSONB,
    "status" TEXT NOT NULL DEFAULT 'running',
    "generationId" INTEGER,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "rate" DOUBLE PRECISION,
    "tokens" BIGINT,
    "errorProblem" JSONB,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Reindexing_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Generation_embedder_dimensions_terms_key" ON "Generation"("embedder", "dimensions", "terms");

-- What does not serve may be dropped.
UPDATE "Generation" SET status = 'retired' WHERE status <> 'active';
