#!/bin/sh
# Rolls a release out in the cluster and namespace that kubectl is set up for, and ends when every pod runs it. The folder
# is a kustomization, infra/kubernetes if none is given. In a release's folder:
#   MAINSTEM_RELEASE=<commit> sh infra/kubernetes/apply.sh [FOLDER]
set -eu
folder=${1:-infra/kubernetes}
release=${MAINSTEM_RELEASE:?}
# Kustomize takes nothing from the environment, so the commit is put in here.
kubectl kustomize "$folder" | sed "s/RELEASE_COMMIT/$release/g" | kubectl apply --filename -
kubectl rollout status deployment/mainstem --timeout=300s
# Older pods that still answer their last requests must not answer the test of the new release.
kubectl wait pods --selector "app.kubernetes.io/name=mainstem,mainstem.release!=$release" --for=delete --timeout=60s
