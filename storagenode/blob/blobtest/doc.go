// Package blobtest is the suite that every implementation of blob.Store passes.
package blobtest
