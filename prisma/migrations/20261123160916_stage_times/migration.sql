-- AlterTable
ALTER TABLE "Document" ADD COLUMN     "stageRate" DOUBLE PRECISION,
ADD COLUMN     "stages" JSONB NOT NULL DEFAULT '[]';
