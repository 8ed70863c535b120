/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Column types of well-known tables of Microsoft Sentinel and Defender, so that their exports need no guessing.
 *
 * A row: the table, then "column:type" words; the letters are those of `letters` below. Two letters: Defender's type, then
 * that of Log Analytics, where the two differ. To add a table: a row, in the order of names.
 */
#include "load_int.h"

#include <assert.h>
#include <string.h>

static const struct {
    struct str name;
    const char *columns;
} tables[] = {
    /* clang-format off */
    { STR_INIT("AADNonInteractiveUserSignInLogs"),
      "AADTenantId:s Agent:s AlternateSignInName:s AppDisplayName:s AppId:s AppliedEventListeners:d "
      "AppOwnerTenantId:s AuthenticationContextClassReferences:s AuthenticationDetails:s "
      "AuthenticationMethodsUsed:s AuthenticationProcessingDetails:s AuthenticationProtocol:s "
      "AuthenticationRequirement:s AuthenticationRequirementPolicies:s AuthenticatorAppLocation:s "
      "AutonomousSystemNumber:s _BilledSize:r Category:s ClientAppUsed:s ClientCredentialType:s "
      "ClientSessionId:s ConditionalAccessAudiences:s ConditionalAccessPolicies:s "
      "ConditionalAccessStatus:s CorrelationId:s CreatedDateTime:t CrossTenantAccessType:s "
      "DeviceDetail:s DurationMs:l FederatedCredentialId:s GlobalSecureAccessIpAddress:s "
      "HomeTenantId:s HomeTenantName:s Id:s Identity:s IncomingTokenType:s IPAddress:s _IsBillable:s "
      "IsInteractive:b IsRisky:b IsTenantRestricted:b IsThroughGlobalSecureAccess:b Level:s Location:s "
      "LocationDetails:s MfaDetail:s NetworkLocationDetails:s OperationName:s OperationVersion:s "
      "OriginalRequestId:s OriginalTransferMethod:s ProcessingTimeInMs:s ResourceDisplayName:s "
      "ResourceGroup:s ResourceIdentity:s ResourceOwnerTenantId:s ResourceServicePrincipalId:s "
      "ResourceTenantId:s ResultDescription:s ResultSignature:s ResultType:s RiskDetail:s "
      "RiskEventTypes:s RiskEventTypes_V2:s RiskLevelAggregated:s RiskLevelDuringSignIn:s RiskState:s "
      "ServicePrincipalId:s SessionId:s SessionLifetimePolicies:s SignInEventTypes:s "
      "SignInIdentifierType:s SourceSystem:s Status:s TenantId:s TimeGenerated:t TokenIssuerName:s "
      "TokenIssuerType:s TokenProtectionStatusDetails:s Type:s UniqueTokenIdentifier:s UserAgent:s "
      "UserDisplayName:s UserId:s UserPrincipalName:s UserType:s" },
    { STR_INIT("AADSignInEventsBeta"),
      "AadDeviceId:s AccountDisplayName:s AccountObjectId:s AccountUpn:s AlternateSignInName:s "
      "Application:s ApplicationId:s AuthenticationProcessingDetails:s AuthenticationRequirement:s "
      "Browser:s City:s ClientAppUsed:s ConditionalAccessPolicies:s ConditionalAccessStatus:i "
      "CorrelationId:s Country:s DeviceName:s DeviceTrustType:s EndpointCall:s EntraIdDeviceId:s "
      "ErrorCode:i IPAddress:s IsCompliant:i IsExternalUser:i IsGuestUser:b IsManaged:i "
      "LastPasswordChangeTimestamp:t Latitude:s LogonType:s Longitude:s NetworkLocationDetails:s "
      "OSPlatform:s ReportId:s RequestId:s ResourceDisplayName:s ResourceId:s ResourceTenantId:s "
      "RiskDetails:i RiskLevelAggregated:i RiskState:i SessionId:s State:s Timestamp:t "
      "TokenIssuerType:i UserAgent:s RiskLevelDuringSignIn:i RiskEventTypes:s" },
    { STR_INIT("AlertEvidence"),
      "Timestamp:t AlertId:s Title:s Categories:s AttackTechniques:s ServiceSource:s DetectionSource:s "
      "EntityType:s EvidenceRole:s EvidenceDirection:s FileName:s FolderPath:s SHA1:s SHA256:s "
      "FileSize:l ThreatFamily:s RemoteIP:s RemoteUrl:s AccountName:s AccountDomain:s AccountSid:s "
      "AccountObjectId:s AccountUpn:s DeviceId:s DeviceName:s LocalIP:s NetworkMessageId:s "
      "EmailSubject:s Application:s ApplicationId:i OAuthApplicationId:s ProcessCommandLine:s "
      "RegistryKey:s RegistryValueName:s RegistryValueData:s AdditionalFields:sd Severity:s "
      "CloudResource:s CloudPlatform:s ResourceType:s ResourceID:s SubscriptionId:s AzureResourceId:s "
      "AzureResourceType:s AzureSubscriptionId:s _BilledSize:r _IsBillable:s SourceSystem:s TenantId:s "
      "TimeGenerated:t Type:s" },
    { STR_INIT("AlertInfo"),
      "Timestamp:t AlertId:s Title:s Category:s Severity:s ServiceSource:s DetectionSource:s "
      "AttackTechniques:s _BilledSize:r _IsBillable:s SourceSystem:s TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("AuditLogs"),
      "AADOperationType:s AADTenantId:s ActivityDateTime:t ActivityDisplayName:s AdditionalDetails:d "
      "_BilledSize:r Category:s CorrelationId:s DurationMs:l Id:s Identity:s InitiatedBy:d "
      "_IsBillable:s Level:s Location:s LoggedByService:s OperationName:s OperationVersion:s "
      "Resource:s ResourceGroup:s ResourceId:s ResourceProvider:s Result:s ResultDescription:s "
      "ResultReason:s ResultSignature:s ResultType:s SourceSystem:s TargetResources:d TimeGenerated:t "
      "Type:s" },
    { STR_INIT("AzureActivity"),
      "ActivityStatus:s ActivityStatusValue:s ActivitySubstatus:s ActivitySubstatusValue:s "
      "Authorization:s Authorization_d:d _BilledSize:r Caller:s CallerIpAddress:s Category:s "
      "CategoryValue:s Claims:s Claims_d:d CorrelationId:s EventDataId:s EventSubmissionTimestamp:t "
      "Hierarchy:s HTTPRequest:s _IsBillable:s Level:s OperationId:s OperationName:s "
      "OperationNameValue:s Properties:s Properties_d:d Resource:s ResourceGroup:s ResourceId:s "
      "_ResourceId:s ResourceProvider:s ResourceProviderValue:s SourceSystem:s SubscriptionId:s "
      "_SubscriptionId:s TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("CloudAppEvents"),
      "Timestamp:t ActionType:s Application:s ApplicationId:i AppInstanceId:i AccountObjectId:s "
      "AccountId:s AccountDisplayName:s IsAdminOperation:b DeviceType:s OSPlatform:s IPAddress:s "
      "IsAnonymousProxy:b CountryCode:s City:s Isp:s UserAgent:s ActivityType:s ActivityObjects:d "
      "ObjectName:s ObjectType:s ObjectId:s ReportId:s AccountType:s IsExternalUser:b IsImpersonated:b "
      "IPTags:d IPCategory:s UserAgentTags:d RawEventData:d AdditionalFields:d LastSeenForUser:d "
      "UncommonForUser:d AuditSource:s SessionData:d OAuthAppId:s _BilledSize:r _IsBillable:s ISP:s "
      "SourceSystem:s TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("CommonSecurityLog"),
      "Activity:s AdditionalExtensions:s ApplicationProtocol:s _BilledSize:r CollectorHostName:s "
      "CommunicationDirection:s Computer:s DestinationDnsDomain:s DestinationHostName:s "
      "DestinationIP:s DestinationMACAddress:s DestinationNTDomain:s DestinationPort:i "
      "DestinationProcessId:i DestinationProcessName:s DestinationServiceName:s "
      "DestinationTranslatedAddress:s DestinationTranslatedPort:i DestinationUserID:s "
      "DestinationUserName:s DestinationUserPrivileges:s DeviceAction:s DeviceAddress:s "
      "DeviceCustomDate1:s DeviceCustomDate1Label:s DeviceCustomDate2:s DeviceCustomDate2Label:s "
      "DeviceCustomFloatingPoint1:r DeviceCustomFloatingPoint1Label:s DeviceCustomFloatingPoint2:r "
      "DeviceCustomFloatingPoint2Label:s DeviceCustomFloatingPoint3:r "
      "DeviceCustomFloatingPoint3Label:s DeviceCustomFloatingPoint4:r "
      "DeviceCustomFloatingPoint4Label:s DeviceCustomIPv6Address1:s DeviceCustomIPv6Address1Label:s "
      "DeviceCustomIPv6Address2:s DeviceCustomIPv6Address2Label:s DeviceCustomIPv6Address3:s "
      "DeviceCustomIPv6Address3Label:s DeviceCustomIPv6Address4:s DeviceCustomIPv6Address4Label:s "
      "DeviceCustomNumber1:i DeviceCustomNumber1Label:s DeviceCustomNumber2:i "
      "DeviceCustomNumber2Label:s DeviceCustomNumber3:i DeviceCustomNumber3Label:s "
      "DeviceCustomString1:s DeviceCustomString1Label:s DeviceCustomString2:s "
      "DeviceCustomString2Label:s DeviceCustomString3:s DeviceCustomString3Label:s "
      "DeviceCustomString4:s DeviceCustomString4Label:s DeviceCustomString5:s "
      "DeviceCustomString5Label:s DeviceCustomString6:s DeviceCustomString6Label:s DeviceDnsDomain:s "
      "DeviceEventCategory:s DeviceEventClassID:s DeviceExternalID:s DeviceFacility:s "
      "DeviceInboundInterface:s DeviceMacAddress:s DeviceName:s DeviceNtDomain:s "
      "DeviceOutboundInterface:s DevicePayloadId:s DeviceProduct:s DeviceTimeZone:s "
      "DeviceTranslatedAddress:s DeviceVendor:s DeviceVersion:s EndTime:t EventCount:i EventOutcome:s "
      "EventType:i ExternalID:i ExtID:s FieldDeviceCustomNumber1:l FieldDeviceCustomNumber2:l "
      "FieldDeviceCustomNumber3:l FileCreateTime:s FileHash:s FileID:s FileModificationTime:s "
      "FileName:s FilePath:s FilePermission:s FileSize:i FileType:s FlexDate1:s FlexDate1Label:s "
      "FlexNumber1:i FlexNumber1Label:s FlexNumber2:i FlexNumber2Label:s FlexString1:s "
      "FlexString1Label:s FlexString2:s FlexString2Label:s IndicatorThreatType:s _IsBillable:s "
      "LogSeverity:s MaliciousIP:s MaliciousIPCountry:s MaliciousIPLatitude:r MaliciousIPLongitude:r "
      "Message:s OldFileCreateTime:s OldFileHash:s OldFileID:s OldFileModificationTime:s OldFileName:s "
      "OldFilePath:s OldFilePermission:s OldFileSize:i OldFileType:s OriginalLogSeverity:s ProcessID:i "
      "ProcessName:s Protocol:s Reason:s ReceiptTime:s ReceivedBytes:l RemoteIP:s RemotePort:s "
      "ReportReferenceLink:s RequestClientApplication:s RequestContext:s RequestCookies:s "
      "RequestMethod:s RequestURL:s _ResourceId:s SentBytes:l SimplifiedDeviceAction:s "
      "SourceDnsDomain:s SourceHostName:s SourceIP:s SourceMACAddress:s SourceNTDomain:s SourcePort:i "
      "SourceProcessId:i SourceProcessName:s SourceServiceName:s SourceSystem:s "
      "SourceTranslatedAddress:s SourceTranslatedPort:i SourceUserID:s SourceUserName:s "
      "SourceUserPrivileges:s StartTime:t _SubscriptionId:s TenantId:s ThreatConfidence:s "
      "ThreatDescription:s ThreatSeverity:i TimeGenerated:t Type:s" },
    { STR_INIT("DeviceEvents"),
      "Timestamp:t DeviceId:s DeviceName:s ActionType:s FileName:s FolderPath:s SHA1:s SHA256:s MD5:s "
      "FileSize:l AccountDomain:s AccountName:s AccountSid:s RemoteUrl:s RemoteDeviceName:s "
      "ProcessId:l ProcessCommandLine:s ProcessCreationTime:t ProcessTokenElevation:s LogonId:l "
      "RegistryKey:s RegistryValueName:s RegistryValueData:s RemoteIP:s RemotePort:i LocalIP:s "
      "LocalPort:i FileOriginUrl:s FileOriginIP:s InitiatingProcessSHA1:s InitiatingProcessSHA256:s "
      "InitiatingProcessMD5:s InitiatingProcessFileName:s InitiatingProcessFileSize:l "
      "InitiatingProcessFolderPath:s InitiatingProcessId:l InitiatingProcessCommandLine:s "
      "InitiatingProcessCreationTime:t InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
      "InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
      "InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
      "InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
      "InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
      "InitiatingProcessParentId:l InitiatingProcessParentFileName:s "
      "InitiatingProcessParentCreationTime:t InitiatingProcessLogonId:l ReportId:l "
      "AppGuardContainerId:s AdditionalFields:sd InitiatingProcessSessionId:l "
      "IsInitiatingProcessRemoteSession:b InitiatingProcessRemoteSessionDeviceName:s "
      "InitiatingProcessRemoteSessionIP:s CreatedProcessSessionId:l IsProcessRemoteSession:b "
      "ProcessRemoteSessionDeviceName:s ProcessRemoteSessionIP:s InitiatingProcessUniqueId:s "
      "_BilledSize:r _IsBillable:s MachineGroup:s SourceSystem:s TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("DeviceFileCertificateInfo"),
      "Timestamp:t DeviceId:s DeviceName:s SHA1:s IsSigned:b SignatureType:s Signer:s SignerHash:s "
      "Issuer:s IssuerHash:s CertificateSerialNumber:s CrlDistributionPointUrls:s "
      "CertificateCreationTime:t CertificateExpirationTime:t CertificateCountersignatureTime:t "
      "IsTrusted:b IsRootSignerMicrosoft:b ReportId:l _BilledSize:r _IsBillable:s MachineGroup:s "
      "SourceSystem:s TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("DeviceFileEvents"),
      "Timestamp:t DeviceId:s DeviceName:s ActionType:s FileName:s FolderPath:s SHA1:s SHA256:s MD5:s "
      "FileOriginUrl:s FileOriginReferrerUrl:s FileOriginIP:s PreviousFolderPath:s PreviousFileName:s "
      "FileSize:l InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
      "InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
      "InitiatingProcessMD5:s InitiatingProcessSHA1:s InitiatingProcessSHA256:s "
      "InitiatingProcessFolderPath:s InitiatingProcessFileName:s InitiatingProcessFileSize:l "
      "InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
      "InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
      "InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
      "InitiatingProcessId:l InitiatingProcessCommandLine:s InitiatingProcessCreationTime:t "
      "InitiatingProcessIntegrityLevel:s InitiatingProcessTokenElevation:s InitiatingProcessParentId:l "
      "InitiatingProcessParentFileName:s InitiatingProcessParentCreationTime:t RequestProtocol:s "
      "RequestSourceIP:s RequestSourcePort:i RequestAccountName:s RequestAccountDomain:s "
      "RequestAccountSid:s ShareName:s SensitivityLabel:s SensitivitySubLabel:s "
      "IsAzureInfoProtectionApplied:b ReportId:l AppGuardContainerId:s AdditionalFields:sd "
      "InitiatingProcessSessionId:l IsInitiatingProcessRemoteSession:b "
      "InitiatingProcessRemoteSessionDeviceName:s InitiatingProcessRemoteSessionIP:s "
      "InitiatingProcessUniqueId:s LogonID:l _BilledSize:r _IsBillable:s MachineGroup:s SourceSystem:s "
      "TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("DeviceImageLoadEvents"),
      "Timestamp:t DeviceId:s DeviceName:s ActionType:s FileName:s FolderPath:s SHA1:s SHA256:s MD5:s "
      "FileSize:l InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
      "InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
      "InitiatingProcessIntegrityLevel:s InitiatingProcessTokenElevation:s InitiatingProcessSHA1:s "
      "InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s "
      "InitiatingProcessFileSize:l InitiatingProcessVersionInfoCompanyName:s "
      "InitiatingProcessVersionInfoProductName:s InitiatingProcessVersionInfoProductVersion:s "
      "InitiatingProcessVersionInfoInternalFileName:s InitiatingProcessVersionInfoOriginalFileName:s "
      "InitiatingProcessVersionInfoFileDescription:s InitiatingProcessId:l "
      "InitiatingProcessCommandLine:s InitiatingProcessCreationTime:t InitiatingProcessFolderPath:s "
      "InitiatingProcessParentId:l InitiatingProcessParentFileName:s "
      "InitiatingProcessParentCreationTime:t ReportId:l AppGuardContainerId:s "
      "InitiatingProcessSessionId:l IsInitiatingProcessRemoteSession:b "
      "InitiatingProcessRemoteSessionDeviceName:s InitiatingProcessRemoteSessionIP:s "
      "InitiatingProcessUniqueId:s _BilledSize:r _IsBillable:s MachineGroup:s SourceSystem:s "
      "TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("DeviceInfo"),
      "Timestamp:t DeviceId:s DeviceName:s ClientVersion:s PublicIP:s OSArchitecture:s OSPlatform:s "
      "OSBuild:l IsAzureADJoined:b JoinType:s AadDeviceId:s LoggedOnUsers:sd RegistryDeviceTag:s "
      "OSVersion:s MachineGroup:s ReportId:l OnboardingStatus:s AdditionalFields:sd DeviceCategory:s "
      "DeviceType:s DeviceSubtype:s Model:s Vendor:s OSDistribution:s OSVersionInfo:s "
      "MergedDeviceIds:s MergedToDeviceId:s IsInternetFacing:b SensorHealthState:s IsExcluded:b "
      "ExclusionReason:s ExposureLevel:s AssetValue:s DeviceManualTags:s DeviceDynamicTags:s "
      "ConnectivityType:s HostDeviceId:s AzureResourceId:s AwsResourceName:s GcpFullResourceName:s "
      "HardwareUuid:s CloudPlatforms:s AzureVmId:s AzureVmSubscriptionId:s IsTransient:b "
      "OsBuildRevision:s MitigationStatus:s Site:s DiscoverySources:s _BilledSize:r DeviceObjectId:s "
      "_IsBillable:s RestrictedDeviceSecurityOperations:s SourceSystem:s TenantId:s TimeGenerated:t "
      "Type:s" },
    { STR_INIT("DeviceLogonEvents"),
      "Timestamp:t DeviceId:s DeviceName:s ActionType:s LogonType:s AccountDomain:s AccountName:s "
      "AccountSid:s Protocol:s FailureReason:s IsLocalAdmin:b LogonId:l RemoteDeviceName:s RemoteIP:s "
      "RemoteIPType:s RemotePort:i InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
      "InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
      "InitiatingProcessIntegrityLevel:s InitiatingProcessTokenElevation:s InitiatingProcessSHA1:s "
      "InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s "
      "InitiatingProcessFileSize:l InitiatingProcessVersionInfoCompanyName:s "
      "InitiatingProcessVersionInfoProductName:s InitiatingProcessVersionInfoProductVersion:s "
      "InitiatingProcessVersionInfoInternalFileName:s InitiatingProcessVersionInfoOriginalFileName:s "
      "InitiatingProcessVersionInfoFileDescription:s InitiatingProcessId:l "
      "InitiatingProcessCommandLine:s InitiatingProcessCreationTime:t InitiatingProcessFolderPath:s "
      "InitiatingProcessParentId:l InitiatingProcessParentFileName:s "
      "InitiatingProcessParentCreationTime:t ReportId:l AppGuardContainerId:s AdditionalFields:sd "
      "InitiatingProcessSessionId:l IsInitiatingProcessRemoteSession:b "
      "InitiatingProcessRemoteSessionDeviceName:s InitiatingProcessRemoteSessionIP:s "
      "InitiatingProcessUniqueId:s _BilledSize:r _IsBillable:s MachineGroup:s SourceSystem:s "
      "TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("DeviceNetworkEvents"),
      "Timestamp:t DeviceId:s DeviceName:s ActionType:s RemoteIP:s RemotePort:i RemoteUrl:s LocalIP:s "
      "LocalPort:i Protocol:s LocalIPType:s RemoteIPType:s InitiatingProcessSHA1:s "
      "InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s "
      "InitiatingProcessFileSize:l InitiatingProcessVersionInfoCompanyName:s "
      "InitiatingProcessVersionInfoProductName:s InitiatingProcessVersionInfoProductVersion:s "
      "InitiatingProcessVersionInfoInternalFileName:s InitiatingProcessVersionInfoOriginalFileName:s "
      "InitiatingProcessVersionInfoFileDescription:s InitiatingProcessId:l "
      "InitiatingProcessCommandLine:s InitiatingProcessCreationTime:t InitiatingProcessFolderPath:s "
      "InitiatingProcessParentFileName:s InitiatingProcessParentId:l "
      "InitiatingProcessParentCreationTime:t InitiatingProcessAccountDomain:s "
      "InitiatingProcessAccountName:s InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s "
      "InitiatingProcessAccountObjectId:s InitiatingProcessIntegrityLevel:s "
      "InitiatingProcessTokenElevation:s ReportId:l AppGuardContainerId:s AdditionalFields:sd "
      "InitiatingProcessSessionId:l IsInitiatingProcessRemoteSession:b "
      "InitiatingProcessRemoteSessionDeviceName:s InitiatingProcessRemoteSessionIP:s "
      "InitiatingProcessUniqueId:s LogonID:l _BilledSize:r _IsBillable:s MachineGroup:s SourceSystem:s "
      "TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("DeviceNetworkInfo"),
      "Timestamp:t DeviceId:s DeviceName:s NetworkAdapterName:s MacAddress:s NetworkAdapterType:s "
      "NetworkAdapterStatus:s TunnelType:s ConnectedNetworks:sd DnsAddresses:sd IPv4Dhcp:s IPv6Dhcp:s "
      "DefaultGateways:sd IPAddresses:sd ReportId:l NetworkAdapterVendor:s OnboardingStatus:s "
      "NetworkAdapterDnsSuffix:s _BilledSize:r _IsBillable:s MachineGroup:s SourceSystem:s TenantId:s "
      "TimeGenerated:t Type:s" },
    { STR_INIT("DeviceProcessEvents"),
      "Timestamp:t DeviceId:s DeviceName:s ActionType:s FileName:s FolderPath:s SHA1:s SHA256:s MD5:s "
      "FileSize:l ProcessVersionInfoCompanyName:s ProcessVersionInfoProductName:s "
      "ProcessVersionInfoProductVersion:s ProcessVersionInfoInternalFileName:s "
      "ProcessVersionInfoOriginalFileName:s ProcessVersionInfoFileDescription:s ProcessId:l "
      "ProcessCommandLine:s ProcessIntegrityLevel:s ProcessTokenElevation:s ProcessCreationTime:t "
      "AccountDomain:s AccountName:s AccountSid:s AccountUpn:s AccountObjectId:s LogonId:l "
      "InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s InitiatingProcessAccountSid:s "
      "InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s InitiatingProcessLogonId:l "
      "InitiatingProcessIntegrityLevel:s InitiatingProcessTokenElevation:s InitiatingProcessSHA1:s "
      "InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s "
      "InitiatingProcessFileSize:l InitiatingProcessVersionInfoCompanyName:s "
      "InitiatingProcessVersionInfoProductName:s InitiatingProcessVersionInfoProductVersion:s "
      "InitiatingProcessVersionInfoInternalFileName:s InitiatingProcessVersionInfoOriginalFileName:s "
      "InitiatingProcessVersionInfoFileDescription:s InitiatingProcessId:l "
      "InitiatingProcessCommandLine:s InitiatingProcessCreationTime:t InitiatingProcessFolderPath:s "
      "InitiatingProcessParentId:l InitiatingProcessParentFileName:s "
      "InitiatingProcessParentCreationTime:t InitiatingProcessSignerType:s "
      "InitiatingProcessSignatureStatus:s ReportId:l AppGuardContainerId:s AdditionalFields:sd "
      "InitiatingProcessSessionId:l IsInitiatingProcessRemoteSession:b "
      "InitiatingProcessRemoteSessionDeviceName:s InitiatingProcessRemoteSessionIP:s "
      "CreatedProcessSessionId:l IsProcessRemoteSession:b ProcessRemoteSessionDeviceName:s "
      "ProcessRemoteSessionIP:s ProcessUniqueId:s InitiatingProcessUniqueId:s LogonID:l _BilledSize:r "
      "_IsBillable:s MachineGroup:s SourceSystem:s TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("DeviceRegistryEvents"),
      "Timestamp:t DeviceId:s DeviceName:s ActionType:s RegistryKey:s RegistryValueType:s "
      "RegistryValueName:s RegistryValueData:s PreviousRegistryKey:s PreviousRegistryValueName:s "
      "PreviousRegistryValueData:s InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
      "InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
      "InitiatingProcessSHA1:s InitiatingProcessSHA256:s InitiatingProcessMD5:s "
      "InitiatingProcessFileName:s InitiatingProcessFileSize:l "
      "InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
      "InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
      "InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
      "InitiatingProcessId:l InitiatingProcessCommandLine:s InitiatingProcessCreationTime:t "
      "InitiatingProcessFolderPath:s InitiatingProcessParentId:l InitiatingProcessParentFileName:s "
      "InitiatingProcessParentCreationTime:t InitiatingProcessIntegrityLevel:s "
      "InitiatingProcessTokenElevation:s ReportId:l AppGuardContainerId:s InitiatingProcessSessionId:l "
      "IsInitiatingProcessRemoteSession:b InitiatingProcessRemoteSessionDeviceName:s "
      "InitiatingProcessRemoteSessionIP:s InitiatingProcessUniqueId:s _BilledSize:r _IsBillable:s "
      "MachineGroup:s SourceSystem:s TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("DnsEvents"),
      "_BilledSize:r ClientIP:s Computer:s Confidence:s Description:s EventId:i IndicatorThreatType:s "
      "IPAddresses:s _IsBillable:s MaliciousIP:s Message:s Name:s QueryType:s RemoteIPCountry:s "
      "RemoteIPLatitude:r RemoteIPLongitude:r _ResourceId:s Result:s ResultCode:i Severity:i "
      "SourceSystem:s _SubscriptionId:s SubType:s TaskCategory:s TimeGenerated:t Type:s" },
    { STR_INIT("EmailAttachmentInfo"),
      "Timestamp:t NetworkMessageId:s SenderFromAddress:s SenderDisplayName:s SenderObjectId:s "
      "RecipientEmailAddress:s RecipientObjectId:s FileName:s FileType:s SHA256:s FileSize:l "
      "ThreatTypes:s ThreatNames:s DetectionMethods:s ReportId:s _BilledSize:r FileExtension:s "
      "_IsBillable:s SourceSystem:s TenantId:s TimeGenerated:t Type:s" },
    { STR_INIT("EmailEvents"),
      "Timestamp:t NetworkMessageId:s InternetMessageId:s SenderMailFromAddress:s SenderFromAddress:s "
      "SenderDisplayName:s SenderObjectId:s SenderMailFromDomain:s SenderFromDomain:s SenderIPv4:s "
      "SenderIPv6:s RecipientEmailAddress:s RecipientObjectId:s Subject:s EmailClusterId:l "
      "EmailDirection:s DeliveryAction:s DeliveryLocation:s ThreatTypes:s ThreatNames:s "
      "DetectionMethods:s ConfidenceLevel:s BulkComplaintLevel:i EmailAction:s EmailActionPolicy:s "
      "EmailActionPolicyGuid:s AuthenticationDetails:s AttachmentCount:i UrlCount:i EmailLanguage:s "
      "Connectors:s OrgLevelAction:s OrgLevelPolicy:s UserLevelAction:s UserLevelPolicy:s ReportId:s "
      "AdditionalFields:sd LatestDeliveryLocation:s LatestDeliveryAction:s DistributionList:s "
      "_BilledSize:r Cc:d Context:s EmailSize:i ExchangeTransportRule:s ForwardingInformation:s "
      "_IsBillable:s IsFirstContact:b LastEventExecutionTime:t RecipientDomain:s SourceSystem:s "
      "TenantId:s ThreatClassification:s TimeGenerated:t To:d Type:s" },
    { STR_INIT("EmailUrlInfo"),
      "Timestamp:t NetworkMessageId:s Url:s UrlDomain:s UrlLocation:s ReportId:s _BilledSize:r "
      "_IsBillable:s SourceSystem:s TenantId:s TimeGenerated:t Type:s UrlChainId:s UrlChainPosition:i" },
    { STR_INIT("Event"),
      "AzureDeploymentID:s _BilledSize:r Computer:s EventCategory:i EventData:s EventID:i EventLevel:i "
      "EventLevelName:s EventLog:s _IsBillable:s ManagementGroupName:s Message:s ParameterXml:s "
      "RenderedDescription:s _ResourceId:s Role:s Source:s SourceSystem:s _SubscriptionId:s "
      "TimeGenerated:t Type:s UserName:s" },
    { STR_INIT("Heartbeat"),
      "_BilledSize:r Category:s Computer:s ComputerEnvironment:s ComputerIP:s ComputerPrivateIPs:d "
      "_IsBillable:s IsGatewayInstalled:b ManagementGroupName:s OSMajorVersion:s OSMinorVersion:s "
      "OSName:s OSType:s RemoteIPCountry:s RemoteIPLatitude:r RemoteIPLongitude:r Resource:s "
      "ResourceGroup:s ResourceId:s _ResourceId:s ResourceProvider:s ResourceType:s SCAgentChannel:s "
      "Solutions:s SourceSystem:s SubscriptionId:s _SubscriptionId:s TimeGenerated:t Type:s Version:s "
      "VMUUID:s" },
    { STR_INIT("IdentityInfo"),
      "Timestamp:t ReportId:s AccountObjectId:s AccountUpn:s OnPremSid:s AccountDisplayName:s "
      "AccountName:s AccountDomain:s CriticalityLevel:i Type:s DistinguishedName:s CloudSid:s "
      "GivenName:s Surname:s Department:s JobTitle:s EmailAddress:s SipProxyAddress:s Address:s City:s "
      "Country:s IsAccountEnabled:b Manager:s Phone:s CreatedDateTime:t ChangeSource:s BlastRadius:s "
      "CompanyName:s DeletedDateTime:t EmployeeId:s OtherMailAddresses:d RiskLevel:s "
      "RiskLevelDetails:s State:s Tags:ds AssignedRoles:d PrivilegedEntraPimRoles:d TenantId:s "
      "SourceSystem:s OnPremObjectId:s TenantMembershipType:s RiskStatus:s UserAccountControl:sd "
      "IdentityEnvironment:s SourceProviders:d GroupMembership:d SourceProvider:s IdentityId:s "
      "AccountCloudSID:s AccountCreationTime:t AccountSID:s AccountTenantId:s AccountUPN:s "
      "AdditionalMailAddresses:d Applications:s _BilledSize:r EntityRiskScore:d ExtensionProperty:d "
      "InvestigationPriority:i InvestigationPriorityPercentile:i _IsBillable:s IsMFARegistered:b "
      "IsServiceAccount:b LastSeenDate:t MailAddress:s OnPremisesDistinguishedName:s "
      "OnPremisesExtensionAttributes:s RelatedAccounts:d RiskState:s SAMAccountName:s "
      "ServicePrincipals:d StreetAddress:s TimeGenerated:t UACFlags:s UserState:s UserStateChangedOn:t "
      "UserType:s" },
    { STR_INIT("IdentityLogonEvents"),
      "Timestamp:t ActionType:s Application:s LogonType:s Protocol:s FailureReason:s AccountName:s "
      "AccountDomain:s AccountUpn:s AccountSid:s AccountObjectId:s AccountDisplayName:s DeviceName:s "
      "DeviceType:s OSPlatform:s IPAddress:s Port:is DestinationDeviceName:s DestinationIPAddress:s "
      "DestinationPort:is TargetDeviceName:s TargetAccountDisplayName:s Location:s Isp:s ReportId:s "
      "AdditionalFields:d _BilledSize:r _IsBillable:s ISP:s LastSeenForUser:d SourceSystem:s "
      "TenantId:s TimeGenerated:t Type:s UncommonForUser:d" },
    { STR_INIT("OfficeActivity"),
      "AADGroupId:s AADTarget:s Activity:s Actor:s ActorContextId:s ActorIpAddress:s AddOnGuid:s "
      "AddonName:s AddOnType:s AffectedItems:s AppAccessContext:d AppDistributionMode:s AppId:s "
      "Application:s ApplicationId:s AppPoolName:s ArtifactsShared:d Attendees:d "
      "AzureActiveDirectory_EventType:s AzureADAppId:s _BilledSize:r ChannelGuid:s ChannelName:s "
      "ChannelType:s ChatName:s ChatThreadId:s Client:s Client_IPAddress:s ClientAppId:s "
      "ClientInfoString:s ClientIP:s ClientMachineName:s ClientProcessName:s ClientVersion:s "
      "CommunicationType:s CrossMailboxOperations:b CustomEvent:s DataCenterSecurityEventType:i "
      "DestFolder:s DestinationFileExtension:s DestinationFileName:s DestinationRelativeUrl:s "
      "DestMailboxId:s DestMailboxOwnerMasterAccountSid:s DestMailboxOwnerSid:s DestMailboxOwnerUPN:s "
      "DeviceInformation:s EffectiveOrganization:s ElevationApprovedTime:t ElevationApprover:s "
      "ElevationDuration:i ElevationRequestId:s ElevationRole:s ElevationTime:t Event_Data:s "
      "EventSource:s ExtendedProperties:s ExternalAccess:s ExtraProperties:d Folder:s Folders:s "
      "GenericInfo:s InternalLogonType:i InterSystemsId:s IntraSystemId:s _IsBillable:s "
      "IsJoinedFromLobby:b IsManagedDevice:b Item:s ItemName:s ItemType:s JoinTime:t LeaveTime:t "
      "ListItemUniqueId:s LoginStatus:i Logon_Type:s LogonUserDisplayName:s LogonUserSid:s "
      "MachineDomainInfo:s MachineId:s MailboxGuid:s MailboxOwnerMasterAccountSid:s MailboxOwnerSid:s "
      "MailboxOwnerUPN:s MeetingDetailId:s Members:d MessageId:s ModifiedObjectResolvedName:s "
      "ModifiedProperties:s Name:s NewValue:s OfficeId:s OfficeObjectId:s OfficeTenantId:s "
      "OfficeWorkload:s OldValue:s Operation:s OperationProperties:d OperationScope:s OrganizationId:s "
      "OrganizationName:s OriginatingServer:s Parameters:s RecordType:s _ResourceId:s "
      "ResultReasonType:s ResultStatus:s SendAsUserMailboxGuid:s SendAsUserSmtp:s "
      "SendonBehalfOfUserMailboxGuid:s SendOnBehalfOfUserSmtp:s SensitivityLabelId:s SharingType:s "
      "Site_:s Site_Url:s Source_Name:s SourceFileExtension:s SourceFileName:s SourceRecordId:s "
      "SourceRelativeUrl:s SourceSystem:s SRPolicyId:s SRPolicyName:s SRRuleMatchDetails:d "
      "Start_Time:t _SubscriptionId:s SupportTicketId:s TabType:s TargetContextId:s TargetUserId:s "
      "TargetUserOrGroupName:s TargetUserOrGroupType:s TeamGuid:s TeamName:s TenantId:s "
      "TimeGenerated:t Type:s UniqueSharingId:s UserAgent:s UserDomain:s UserId:s UserKey:s "
      "UserSharedWith:s UserType:s" },
    { STR_INIT("SecurityAlert"),
      "AlertLink:s AlertName:s AlertSeverity:s AlertType:s _BilledSize:r CompromisedEntity:s "
      "ConfidenceLevel:s ConfidenceScore:r Description:s DisplayName:s EndTime:t Entities:s "
      "ExtendedLinks:s ExtendedProperties:s _IsBillable:s IsIncident:b ProcessingEndTime:t "
      "ProductComponentName:s ProductName:s ProviderName:s RemediationSteps:s ResourceId:s "
      "SourceComputerId:s StartTime:t Status:s SubTechniques:s SystemAlertId:s Tactics:s Techniques:s "
      "TimeGenerated:t Type:s VendorName:s VendorOriginalId:s WorkspaceResourceGroup:s "
      "WorkspaceSubscriptionId:s" },
    { STR_INIT("SecurityEvent"),
      "AccessMask:s Account:s AccountDomain:s AccountExpires:s AccountName:s "
      "AccountSessionIdentifier:s AccountType:s Activity:s AdditionalInfo:s AdditionalInfo2:s "
      "AllowedToDelegateTo:s Attributes:s AuditPolicyChanges:s AuditsDiscarded:i AuthenticationLevel:i "
      "AuthenticationPackageName:s AuthenticationProvider:s AuthenticationServer:s "
      "AuthenticationService:i AuthenticationType:s AzureDeploymentID:s _BilledSize:r "
      "CACertificateHash:s CalledStationID:s CallerProcessId:s CallerProcessName:s CallingStationID:s "
      "CAPublicKeyHash:s CategoryId:s CertificateDatabaseHash:s Channel:s ClassId:s ClassName:s "
      "ClientAddress:s ClientIPAddress:s ClientName:s CommandLine:s CompatibleIds:s Computer:s "
      "Correlation:s DCDNSName:s DeviceDescription:s DeviceId:s DisplayName:s Disposition:s "
      "DomainBehaviorVersion:s DomainName:s DomainPolicyChanged:s DomainSid:s EAPType:s "
      "ElevatedToken:s ErrorCode:i EventData:s EventID:i EventLevelName:s EventRecordId:s "
      "EventSourceName:s ExtendedQuarantineState:s FailureReason:s FileHash:s FilePath:s "
      "FilePathNoUser:s Filter:s ForceLogoff:s Fqbn:s FullyQualifiedSubjectMachineName:s "
      "FullyQualifiedSubjectUserName:s GroupMembership:s HandleId:s HardwareIds:s HomeDirectory:s "
      "HomePath:s InterfaceUuid:s IpAddress:s IpPort:s _IsBillable:s KeyLength:i Keywords:s Level:s "
      "LmPackageName:s LocationInformation:s LockoutDuration:s LockoutObservationWindow:s "
      "LockoutThreshold:s LoggingResult:s LogonGuid:s LogonHours:s LogonID:s LogonProcessName:s "
      "LogonType:i LogonTypeName:s MachineAccountQuota:s MachineInventory:s MachineLogon:s "
      "ManagementGroupName:s MandatoryLabel:s MaxPasswordAge:s MemberName:s MemberSid:s "
      "MinPasswordAge:s MinPasswordLength:s MixedDomainMode:s NASIdentifier:s NASIPv4Address:s "
      "NASIPv6Address:s NASPort:s NASPortType:s NetworkPolicyName:s NewDate:s NewMaxUsers:s "
      "NewProcessId:s NewProcessName:s NewRemark:s NewShareFlags:s NewTime:s NewUacValue:s NewValue:s "
      "NewValueType:s ObjectName:s ObjectServer:s ObjectType:s ObjectValueName:s OemInformation:s "
      "OldMaxUsers:s OldRemark:s OldShareFlags:s OldUacValue:s OldValue:s OldValueType:s Opcode:s "
      "OperationType:s PackageName:s ParentProcessName:s PasswordHistoryLength:s PasswordLastSet:s "
      "PasswordProperties:s PreviousDate:s PreviousTime:s PrimaryGroupId:s PrivateKeyUsageCount:s "
      "PrivilegeList:s Process:s ProcessId:s ProcessName:s ProfilePath:s Properties:s "
      "ProtocolSequence:s ProxyPolicyName:s QuarantineHelpURL:s QuarantineSessionID:s "
      "QuarantineSessionIdentifier:s QuarantineState:s QuarantineSystemHealthResult:s "
      "RelativeTargetName:s RemoteIpAddress:s RemotePort:s Requester:s RequestId:s _ResourceId:s "
      "RestrictedAdminMode:s RowsDeleted:s SamAccountName:s ScriptPath:s SecurityDescriptor:s "
      "ServiceAccount:s ServiceFileName:s ServiceName:s ServiceStartType:i ServiceType:s SessionName:s "
      "ShareLocalPath:s ShareName:s SidHistory:s SourceComputerId:s SourceSystem:s Status:s "
      "StorageAccount:s SubcategoryGuid:s SubcategoryId:s Subject:s SubjectAccount:s "
      "SubjectDomainName:s SubjectKeyIdentifier:s SubjectLogonId:s SubjectMachineName:s "
      "SubjectMachineSID:s SubjectUserName:s SubjectUserSid:s _SubscriptionId:s SubStatus:s "
      "SystemProcessId:i SystemThreadId:i SystemUserId:s TableId:s TargetAccount:s TargetDomainName:s "
      "TargetInfo:s TargetLinkedLogonId:s TargetLogonGuid:s TargetLogonId:s TargetOutboundDomainName:s "
      "TargetOutboundUserName:s TargetServerName:s TargetSid:s TargetUser:s TargetUserName:s "
      "TargetUserSid:s Task:i TemplateContent:s TemplateDSObjectFQDN:s TemplateInternalName:s "
      "TemplateOID:s TemplateSchemaVersion:s TemplateVersion:s TenantId:s TimeGenerated:t "
      "TokenElevationType:s TransmittedServices:s Type:s UserAccountControl:s UserParameters:s "
      "UserPrincipalName:s UserWorkstations:s VendorIds:s Version:i VirtualAccount:s Workstation:s "
      "WorkstationName:s" },
    { STR_INIT("SecurityIncident"),
      "AdditionalData:d AlertIds:d _BilledSize:r BookmarkIds:d Classification:s "
      "ClassificationComment:s ClassificationReason:s ClosedTime:t Comments:d CreatedTime:t "
      "Description:s FirstActivityTime:t FirstModifiedTime:t IncidentName:s IncidentNumber:i "
      "IncidentUrl:s _IsBillable:s Labels:d LastActivityTime:t LastModifiedTime:t ModifiedBy:s Owner:d "
      "ProviderIncidentId:s ProviderName:s RelatedAnalyticRuleIds:d Severity:s SourceSystem:s Status:s "
      "Tasks:d TenantId:s TimeGenerated:t Title:s Type:s" },
    { STR_INIT("SigninLogs"),
      "AADTenantId:s Agent:d AlternateSignInName:s AppDisplayName:s AppId:s "
      "AppliedConditionalAccessPolicies:s AppliedEventListeners:d AppOwnerTenantId:s "
      "AuthenticationAppDeviceDetails:s AuthenticationAppPolicyEvaluationDetails:s "
      "AuthenticationContextClassReferences:s AuthenticationDetails:s AuthenticationMethodsUsed:s "
      "AuthenticationProcessingDetails:s AuthenticationProtocol:s AuthenticationRequirement:s "
      "AuthenticationRequirementPolicies:s AuthenticatorAppLocation:s AutonomousSystemNumber:s "
      "_BilledSize:r Category:s ClientAppUsed:s ClientCredentialType:s ConditionalAccessAudiences:s "
      "ConditionalAccessPolicies:d ConditionalAccessStatus:s CorrelationId:s CreatedDateTime:t "
      "CrossTenantAccessType:s DeviceDetail:d DurationMs:l FederatedCredentialId:s FlaggedForReview:b "
      "GlobalSecureAccessIpAddress:s HomeTenantId:s HomeTenantName:s Id:s Identity:s "
      "IncomingTokenType:s IPAddress:s IPAddressFromResourceProvider:s _IsBillable:s IsInteractive:b "
      "IsRisky:b IsTenantRestricted:b IsThroughGlobalSecureAccess:b Level:s Location:s "
      "LocationDetails:d MfaDetail:d NetworkLocationDetails:s OperationName:s OperationVersion:s "
      "OriginalRequestId:s OriginalTransferMethod:s ProcessingTimeInMilliseconds:s Resource:s "
      "ResourceDisplayName:s ResourceGroup:s ResourceId:s ResourceIdentity:s ResourceOwnerTenantId:s "
      "ResourceProvider:s ResourceServicePrincipalId:s ResourceTenantId:s ResultDescription:s "
      "ResultSignature:s ResultType:s RiskDetail:s RiskEventTypes:s RiskEventTypes_V2:s RiskLevel:s "
      "RiskLevelAggregated:s RiskLevelDuringSignIn:s RiskState:s ServicePrincipalId:s "
      "ServicePrincipalName:s SessionId:s SessionLifetimePolicies:s SignInIdentifier:s "
      "SignInIdentifierType:s SourceAppClientId:s SourceSystem:s Status:d TimeGenerated:t "
      "TokenIssuerName:s TokenIssuerType:s TokenProtectionStatusDetails:d Type:s "
      "UniqueTokenIdentifier:s UserAgent:s UserDisplayName:s UserId:s UserPrincipalName:s UserType:s" },
    { STR_INIT("Syslog"),
      "_BilledSize:r CollectorHostName:s Computer:s EventTime:t Facility:s HostIP:s HostName:s "
      "_IsBillable:s ProcessID:i ProcessName:s _ResourceId:s SeverityLevel:s SourceSystem:s "
      "_SubscriptionId:s SyslogMessage:s TimeGenerated:t Type:s" },
    { STR_INIT("ThreatIntelligenceIndicator"),
      "Action:s Active:b ActivityGroupNames:s AdditionalInformation:s _BilledSize:r ConfidenceScore:r "
      "Description:s DiamondModel:s DomainName:s EmailEncoding:s EmailLanguage:s EmailRecipient:s "
      "EmailSenderAddress:s EmailSenderName:s EmailSourceDomain:s EmailSourceIpAddress:s "
      "EmailSubject:s EmailXMailer:s ExpirationDateTime:t ExternalIndicatorId:s FileCompileDateTime:t "
      "FileCreatedDateTime:t FileHashType:s FileHashValue:s FileMutexName:s FileName:s FilePacker:s "
      "FilePath:s FileSize:i FileType:s IndicatorId:s IndicatorProvider:s _IsBillable:s "
      "KillChainActions:b KillChainC2:b KillChainDelivery:b KillChainExploitation:b "
      "KillChainReconnaissance:b KillChainWeaponization:b KnownFalsePositives:s MalwareNames:s "
      "NetworkCidrBlock:s NetworkDestinationAsn:i NetworkDestinationCidrBlock:s NetworkDestinationIP:s "
      "NetworkDestinationPort:i NetworkIP:s NetworkPort:i NetworkProtocol:i NetworkSourceAsn:i "
      "NetworkSourceCidrBlock:s NetworkSourceIP:s NetworkSourcePort:i PassiveOnly:b SourceSystem:s "
      "Tags:s TenantId:s ThreatSeverity:i ThreatType:s TimeGenerated:t TrafficLightProtocolLevel:s "
      "Type:s Url:s UserAgent:s" },
    { STR_INIT("UrlClickEvents"),
      "Timestamp:t Url:s ActionType:s AccountUpn:s Workload:s NetworkMessageId:s ThreatTypes:s "
      "DetectionMethods:s IPAddress:s IsClickedThrough:b UrlChain:s ReportId:s AppName:s AppVersion:s "
      "SourceId:s TenantId:s Type:s SourceSystem:s TimeGenerated:t _BilledSize:r _IsBillable:s" },
    /* clang-format on */
};

/* What every table of Log Analytics has. */
static const char standard[] =
    "TenantId:s TimeGenerated:t _TimeReceived:t Type:s _ItemId:s _IsBillable:s _BilledSize:r";

static enum hb_type letter_type(char c)
{
    static const char letters[] = "sdtilrbgnm";
    static const enum hb_type types[] = { HB_STRING, HB_DYNAMIC, HB_DATETIME, HB_INT,      HB_LONG,
                                          HB_REAL,   HB_BOOL,    HB_GUID,     HB_TIMESPAN, HB_DECIMAL };
    const char *at = strchr(letters, c);
    assert(c && at);
    return types[at - letters];
}

/* Appends the columns of one list of words that are not there yet. */
static void add_words(struct arena *a, const char *words, bool defender, struct kql_column *cols, size_t *n)
{
    struct str s = str_z(words);
    for (size_t i = 0; i < s.n;) {
        size_t end = str_chr(s, ' ', i), colon = str_chr(s, ':', i);
        struct str name = str_sub(s, i, colon);
        bool two = end - colon == 3;
        i = end + 1;
        size_t k = 0;
        while (k < *n && !str_eq(cols[k].name, name))
            k++;
        if (k == *n)
            cols[(*n)++] = (struct kql_column){ arena_str(a, name),
                                                letter_type(s.p[colon + (two && !defender ? 2 : 1)]) };
    }
}

static size_t count_words(const char *words)
{
    size_t n = 0;
    for (; *words; words++)
        n += *words == ':';
    return n;
}

bool engine_known_schema(struct arena *a, struct str table, bool defender, struct kql_column **columns,
                         size_t *n)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (!str_eq(tables[i].name, table))
            continue;
        *columns = ARENA_ARRAY(a, count_words(tables[i].columns) + count_words(standard), struct kql_column);
        *n = 0;
        add_words(a, tables[i].columns, defender, *columns, n);
        add_words(a, standard, defender, *columns, n);
        return true;
    }
    return false;
}
