-- AlterTable
ALTER TABLE "Document" ADD COLUMN     "claim" UUID;

-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "leaseUntil" TIMESTAMPTZ(3);
