-- AlterTable
ALTER TABLE "Settings" ADD COLUMN     "rerankingApiKey" TEXT,
ADD COLUMN     "rerankingBaseUrl" TEXT,
ADD COLUMN     "rerankingModel" TEXT,
ADD COLUMN     "rerankingProvider" TEXT;

-- AlterTable
ALTER TABLE "Workspace" ADD COLUMN     "denseWeight" DOUBLE PRECISION,
ADD COLUMN     "rerank" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "threshold" DOUBLE PRECISION,
ADD COLUMN     "topN" INTEGER;
