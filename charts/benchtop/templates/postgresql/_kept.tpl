{{/* Fails if a password would be generated while a volume exists whose data has another password. */}}
{{- define "benchtop.require-no-data" -}}
{{- $release := .root.Release -}}
{{- $volume := printf "data-%s-0" (include "common.trial-database" .root) -}}
{{- if lookup "v1" "PersistentVolumeClaim" $release.Namespace $volume -}}
{{- $how := "Restore the secret from your copy of it." -}}
{{- if $release.IsUpgrade -}}
{{- $how = printf "Restore it with a rollback to the deployed revision of the release, which contains it.\n\n  helm -n %[1]s history %[2]s\n  helm -n %[1]s rollback %[2]s REVISION" $release.Namespace $release.Name -}}
{{- end -}}
{{- fail (printf `

The secret %[1]q is missing in the namespace %[2]q,
but the volume %[3]q still exists. Its data can be used only with the password in that secret.
%[5]s

Or, if the data can be deleted too, remove the whole trial PostgreSQL, and run this command again:

  kubectl -n %[2]s delete statefulset,pvc,secret -l app.kubernetes.io/name=postgresql,app.kubernetes.io/instance=%[4]s
` .secret $release.Namespace $volume $release.Name $how) -}}
{{- end -}}
{{- end }}

{{/* Fails if the storage of an existing PostgreSQL would change, because that of a StatefulSet cannot. */}}
{{- define "benchtop.require-same-storage" -}}
{{- $name := include "common.trial-database" . -}}
{{- range dig "spec" "volumeClaimTemplates" list (lookup "apps/v1" "StatefulSet" .Release.Namespace $name) -}}
{{- $now := .spec.resources.requests.storage -}}
{{- $wanted := $.Values.postgresql.storage.size -}}
{{- if ne (include "benchtop.bytes" $now) (include "benchtop.bytes" $wanted) -}}
{{- include "benchtop.refuse-storage" (dict "name" $name "value" "size" "now" $now "wanted" $wanted) -}}
{{- end -}}
{{- $now := .spec.storageClassName | default "" -}}
{{- $wanted := $.Values.postgresql.storage.className | default "" -}}
{{- if ne $now $wanted -}}
{{- include "benchtop.refuse-storage" (dict "name" $name "value" "className" "now" $now "wanted" $wanted) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "benchtop.refuse-storage" -}}
{{- fail (printf "\n\npostgresql.storage.%s is %q, but the volume of %s was created with %q and cannot be changed. Set the value back. For another volume, use a database of your own (<service>.database.existingSecret)." .value .wanted .name .now) -}}
{{- end }}

{{/* A size as a number of bytes, because the cluster rewrites sizes: 1024Mi as 1Gi, and 0.1Gi in thousandths. */}}
{{- define "benchtop.bytes" -}}
{{- $unit := regexFind "[a-zA-Z]*$" . -}}
{{- $factors := dict "" 1 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mulf (trimSuffix $unit . | float64) (get $factors $unit) | printf "%.3f" -}}
{{- end }}
