-- CreateTable
CREATE TABLE "KeptVector" (
    "id" BIGSERIAL NOT NULL,
    "hash" BYTEA NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "KeptVector_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "KeptVector_hash_key" ON "KeptVector"("hash");
